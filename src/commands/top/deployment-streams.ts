import { innerController } from "../../api/abort.js";
import type { Context } from "../../context.js";
import { reachOf } from "../../fleet/failure.js";
import { isNotReady } from "../../fleet/readiness.js";
import { readStreamOn } from "../events/stream.js";

const mostStreams = 8;
/** Milliseconds between two changes of the open streams, however fast one scrolls. */
const debounceMs = 1_000;
/** Milliseconds within which events count as one piece of news. */
const gatherMs = 50;
const runEvents = new Set(["run_status", "steering_request"]);
/** Milliseconds between two looks at a stream, on which words come by the hundred a second. */
const lookMs = 100;
const leastRestMs = 500;
/** Milliseconds until a refused deployment is tried again. */
const againMs = 30_000;

export interface StreamsOptions {
  over: AbortSignal;
  /** Resolves when what became of a run there was read. */
  onNews(deployment_id: string, signal: AbortSignal): Promise<void>;
  onRefused(deployment_id: string, error: unknown): void;
  onChange(): void;
  onError(error: unknown): void;
}

export class DeploymentStreams {
  readonly #listeners = new Map<string, DeploymentListener>();
  #inSight: readonly string[] = [];
  #isDebouncing = false;

  constructor(
    private readonly context: Context,
    private readonly options: StreamsOptions,
  ) {}

  get openCount(): number {
    return [...this.#listeners.values()].filter(({ state }) => state === "open").length;
  }

  /** Listens to these, as many as it may: the first of them, then those that it listens to already. */
  listenTo(deploymentIds: readonly string[]): void {
    this.#inSight = deploymentIds;
    if (this.#isDebouncing) return;
    const chosen = this.#chosen();
    if (chosen.length === this.#listeners.size && chosen.every((id) => this.#listeners.has(id))) return;
    this.#isDebouncing = true;
    this.#switchStreams().catch(() => {});
  }

  async #switchStreams(): Promise<void> {
    const { over } = this.options;
    if (this.#listeners.size > 0) await this.context.sleep(debounceMs, over);
    this.#isDebouncing = false;
    const chosen = this.#chosen();
    for (const [id, listener] of this.#listeners) {
      if (chosen.includes(id)) continue;
      listener.close();
      this.#listeners.delete(id);
    }
    for (const id of chosen) {
      if (!this.#listeners.has(id))
        this.#listeners.set(id, new DeploymentListener(this.context, id, this.options));
    }
    this.options.onChange();
  }

  #chosen(): string[] {
    const known = this.#inSight.filter((id) => this.#listeners.has(id));
    return [...new Set([...this.#inSight.slice(0, 1), ...known, ...this.#inSight])].slice(0, mostStreams);
  }
}

/** Listens to one deployment until it is closed. */
class DeploymentListener {
  state: "opening" | "open" | "broken" = "opening";
  readonly #closed: AbortController;
  #hasNews = false;
  #isReporting = false;

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
          only: runEvents,
          onOpen: () => {
            this.#become("open");
            // What happened before isn't on the stream.
            this.#noteNews();
          },
          onEvents: async () => this.#noteNews(),
          onCut: () => this.#become("broken"),
          onUnopened: () => this.#become("broken"),
          isClosed: () => false,
        });
        return this.#become("broken");
      } catch (error) {
        signal.throwIfAborted();
        this.#become("broken");
        // A key that is refused everywhere is told by the readings, and may be valid again.
        const isForNow = isNotReady(error) || reachOf(error) === "everything";
        if (!isForNow) return this.options.onRefused(deployment_id, error);
      }
      await this.context.sleep(againMs, signal);
    }
  }

  #become(state: DeploymentListener["state"]): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onChange();
  }

  #noteNews(): void {
    this.#hasNews = true;
    if (this.#isReporting) return;
    this.#isReporting = true;
    this.#report().catch((error: unknown) => this.#fail(error));
  }

  /** Reads once more for events that come during a reading. */
  async #report(): Promise<void> {
    const { signal } = this.#closed;
    while (this.#hasNews) {
      await this.context.sleep(gatherMs, signal);
      this.#hasNews = false;
      const beganMs = this.context.monotonic();
      await this.options.onNews(this.deployment_id, signal);
      await this.context.sleep(restAfter(this.context.monotonic() - beganMs, leastRestMs), signal);
    }
    this.#isReporting = false;
  }

  #fail(error: unknown): void {
    if (!this.#closed.signal.aborted) this.options.onError(error);
  }
}

const usualRestMs = 2_000;
const mostRestMs = 60_000;
/** A server is asked at most a fifth of the time. */
const restPerReading = 4;

/** Milliseconds to rest after a reading. */
export function restAfter(tookMs: number, leastMs = usualRestMs): number {
  return Math.min(mostRestMs, Math.max(leastMs, restPerReading * tookMs));
}
