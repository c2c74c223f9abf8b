import type { StartTimer } from "../exchange-abort.js";

/**
 * Limits of what isn't reported: shorter silences, as a request may take long before it fails, and those that are
 * nearly over.
 */
const quietMs = 5000;
const leastLeftMs = 1000;

/** News that no open request was answered for `quietMs`. */
export interface SilenceNews {
  failure: Error | undefined;
  leftMs: number;
  deployment_id: string | undefined;
}

export type OnSilence = (news: SilenceNews) => void;

interface OpenEntry {
  deployment_id: string | undefined;
  untilMs: number;
  failure?: Error | undefined;
}

export interface OpenRequest {
  progress(failure?: Error): void;
  end(): void;
}

interface OpenRequestsOptions {
  monotonic(): number;
  timer: StartTimer;
  onSilence?: OnSilence | undefined;
}

export class OpenRequests {
  onSilence: OnSilence | undefined;
  // Not TypeScript's `private`: they are the client's settings, with its key.
  readonly #options: OpenRequestsOptions;
  readonly #open = new Set<OpenEntry>();
  readonly #deployments = new Set<string>();
  #progressMs = 0;
  #isReported = false;
  #cancel: (() => void) | undefined;

  constructor(options: OpenRequestsOptions) {
    this.#options = options;
    this.onSilence = options.onSilence;
  }

  /** Adds a request. `limitMs`: limit of all its attempts together. */
  begin(path: string, limitMs: number): OpenRequest {
    const deployment_id = /^\/v1\/deployments\/([^/?]+)/.exec(path)?.[1];
    const nowMs = this.#options.monotonic();
    const request: OpenEntry = { deployment_id, untilMs: nowMs + limitMs };
    if (deployment_id !== undefined && !this.#isReported) this.#deployments.add(deployment_id);
    if (this.#open.size === 0 && !this.#isReported && this.onSilence !== undefined) {
      this.#progressMs = nowMs;
      this.#watch(quietMs);
    }
    this.#open.add(request);
    return {
      progress: (failure) => {
        this.#progressMs = this.#options.monotonic();
        request.failure = failure;
      },
      end: () => {
        this.#open.delete(request);
        if (this.#open.size === 0) this.#cancel?.();
      },
    };
  }

  get onlyDeployment(): string | undefined {
    if (this.#deployments.size < 2) return undefined;
    const [only, ...others] = new Set([...this.#open].map(({ deployment_id }) => deployment_id));
    return others.length === 0 ? only : undefined;
  }

  #watch(ms: number): void {
    this.#cancel = this.#options.timer(ms, () => {
      const nowMs = this.#options.monotonic();
      const quietForMs = this.#progressMs + quietMs - nowMs;
      if (quietForMs > 0) return this.#watch(quietForMs);
      this.#isReported = true;
      const open = [...this.#open];
      const leftMs = open.reduce((most, { untilMs }) => Math.max(most, untilMs - nowMs), 0);
      if (leftMs < leastLeftMs) return;
      const failure = open.find((request) => request.failure !== undefined)?.failure;
      this.onSilence?.({ failure, leftMs, deployment_id: this.onlyDeployment });
    });
  }
}
