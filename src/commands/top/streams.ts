import { innerController } from "../../api/abort.js";
import type { Context } from "../../context.js";
import { isNotReady } from "../../fleet/readiness.js";
import { reachOf } from "../../fleet/refusal.js";
import { readStreamOn } from "../events/stream.js";
import { restAfter } from "./rest.js";

/** So many streams are open at once. */
const mostStreams = 8;
/** At most so often other streams are opened, however fast one scrolls. */
const settleMs = 1_000;
/** Events that come so close together are news once. */
const gatherMs = 50;
/** The events by which something becomes of a run. */
const tellOfRuns = new Set(["run_status", "steering_request"]);
/** Words stream by the hundred a second; that often a stream is looked at for what matters here. */
const lookMs = 100;
const leastRestMs = 500;
/** When what a deployment didn't allow may have changed. */
const againMs = 30_000;

export interface StreamsOptions {
  /** Ends all of them. */
  over: AbortSignal;
  /** Something has become of a run there; resolves when it was read. */
  news(deployment_id: string, signal: AbortSignal): Promise<void>;
  /** The API refuses its events for good. */
  refused(deployment_id: string, error: unknown): void;
  /** `openCount` has changed. */
  changed(): void;
  /** Something of ours broke. */
  fails(error: unknown): void;
}

/** The event streams of the deployments in sight. */
export class DeploymentStreams {
  readonly #context: Context;
  readonly #options: StreamsOptions;
  readonly #ears = new Map<string, Ear>();
  #inSight: readonly string[] = [];
  #isSettling = false;

  constructor(context: Context, options: StreamsOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** How many deployments report what happens at once. */
  get openCount(): number {
    return [...this.#ears.values()].filter(({ state }) => state === "open").length;
  }

  /** Listens to these, as many as it may: the first of them, then those that it listens to already. */
  listenTo(deploymentIds: readonly string[]): void {
    this.#inSight = deploymentIds;
    if (this.#isSettling) return;
    const chosen = this.#chosen();
    if (chosen.length === this.#ears.size && chosen.every((id) => this.#ears.has(id))) return;
    this.#isSettling = true;
    this.#settle().catch(() => {});
  }

  async #settle(): Promise<void> {
    const { over } = this.#options;
    if (this.#ears.size > 0) await this.#context.sleep(settleMs, over);
    this.#isSettling = false;
    const chosen = this.#chosen();
    for (const [id, ear] of this.#ears) {
      if (chosen.includes(id)) continue;
      ear.close();
      this.#ears.delete(id);
    }
    for (const id of chosen) {
      if (!this.#ears.has(id)) this.#ears.set(id, new Ear(this.#context, id, this.#options));
    }
    this.#options.changed();
  }

  #chosen(): string[] {
    const known = this.#inSight.filter((id) => this.#ears.has(id));
    return [...new Set([...this.#inSight.slice(0, 1), ...known, ...this.#inSight])].slice(0, mostStreams);
  }
}

/** Listens to one deployment until it is closed. */
class Ear {
  state: "opening" | "open" | "broken" = "opening";
  readonly #closed: AbortController;
  #hasNews = false;
  #isTelling = false;

  constructor(
    private readonly context: Context,
    private readonly deployment_id: string,
    private readonly options: StreamsOptions,
  ) {
    this.#closed = innerController(options.over);
    this.#listen().catch((error: unknown) => this.#fail(error));
  }

  close(): void {
    this.#closed.abort();
  }

  async #listen(): Promise<void> {
    const { signal } = this.#closed;
    const { deployment_id } = this;
    for (;;) {
      try {
        await readStreamOn(this.context, {
          deployment_id,
          query: {},
          signal,
          gatherMs: lookMs,
          only: tellOfRuns,
          onOpen: () => {
            this.#become("open");
            // What happened before isn't on the stream.
            this.#hear();
          },
          onEvents: async () => this.#hear(),
          onCut: () => this.#become("broken"),
          onUnopened: () => this.#become("broken"),
          isUnread: () => false,
        });
        return this.#become("broken");
      } catch (error) {
        signal.throwIfAborted();
        this.#become("broken");
        // A key that is refused everywhere is told by the readings, and may be valid again.
        const isForNow = isNotReady(error) || reachOf(error) === "everything";
        if (!isForNow) return this.options.refused(deployment_id, error);
      }
      await this.context.sleep(againMs, signal);
    }
  }

  #become(state: Ear["state"]): void {
    if (state === this.state) return;
    this.state = state;
    this.options.changed();
  }

  #hear(): void {
    this.#hasNews = true;
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#tell().catch((error: unknown) => this.#fail(error));
  }

  /** What comes while it is read, and shortly after, is read once more. */
  async #tell(): Promise<void> {
    const { signal } = this.#closed;
    while (this.#hasNews) {
      await this.context.sleep(gatherMs, signal);
      this.#hasNews = false;
      const beganMs = this.context.monotonic();
      await this.options.news(this.deployment_id, signal);
      await this.context.sleep(restAfter(this.context.monotonic() - beganMs, leastRestMs), signal);
    }
    this.#isTelling = false;
  }

  #fail(error: unknown): void {
    if (!this.#closed.signal.aborted) this.options.fails(error);
  }
}
