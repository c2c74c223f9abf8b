/** The reads in `top`: all deployments at intervals, and one deployment after its events. */

import { innerController } from "../../api/abort.js";
import { reconnectDelayMs } from "../../api/events/stream.js";
import type { RawEvent } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { exitCodes } from "../../errors/cli-errors.js";
import { exitCodeOf } from "../../errors/exit-code.js";
import { isNotReady, stopsOf } from "../../fleet/outcome.js";
import { messageOf } from "../../invocation/report-error.js";
import type { FleetReader, FleetSnapshot } from "./fleet-reader.js";

const mostStreams = 8;
/** Minimum milliseconds between changes to the open streams, however fast the list is scrolled. */
const debounceMs = 1_000;
/** Milliseconds within which events count as one update. */
const gatherMs = 50;
const runEvents = new Set(["run_status", "steering_request"]);
/** Milliseconds between two reads of a stream, which may send hundreds of words a second. */
const lookMs = 100;
const leastRestMs = 500;
/** Milliseconds before a deployment that refused is tried again. */
const againMs = 30_000;

interface ReadingsOptions {
  reader: FleetReader;
  over: AbortSignal;
  /** `of` is the deployment that was read again, if it was only one. */
  onSnapshot(snapshot: FleetSnapshot, of?: string): void;
  onChange(): void;
  onMessage(text: string): void;
  onError(error: unknown): void;
}

/** Reads all deployments repeatedly, and a visible deployment after events on its stream. */
export class Readings {
  readonly #rest: WakeableSleep;
  readonly #listeners = new Map<string, DeploymentListener>();
  #inSight: readonly string[] = [];
  #isDebouncing = false;

  constructor(
    private readonly context: Context,
    private readonly options: ReadingsOptions,
  ) {
    this.#rest = new WakeableSleep(context, options.over);
  }

  /** `live`, or `8 live, 23 slower`; undefined if no stream is open. */
  get liveness(): string | undefined {
    const openCount = [...this.#listeners.values()].filter(({ isOpen }) => isOpen).length;
    const { deploymentCount } = this.options.reader;
    if (openCount === 0) return undefined;
    const others = deploymentCount - openCount;
    return others <= 0 ? "live" : `${openCount} live, ${others} slower`;
  }

  readNow(): void {
    this.#rest.wake();
  }

  /** Reads all deployments and rests, again and again. Throws the reason why it ends. */
  async run(): Promise<never> {
    const { reader, over, onSnapshot } = this.options;
    for (;;) {
      const beganMs = this.context.monotonic();
      onSnapshot(await reader.read(over, onSnapshot));
      await this.#rest.sleep(restAfter(this.context.monotonic() - beganMs));
      over.throwIfAborted();
    }
  }

  /** Opens these deployments' streams up to the limit: the first, then those already open, then the rest. */
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

class DeploymentListener {
  isOpen = false;
  readonly #closed: AbortController;
  #hasNews = false;
  #isReporting = false;

  constructor(
    private readonly context: Context,
    private readonly deployment_id: string,
    private readonly options: ReadingsOptions,
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
        await readStream(this.context, {
          deployment_id,
          signal,
          gatherMs: lookMs,
          onOpen: () => {
            this.#become({ isOpen: true });
            // Events before this moment aren't in the stream.
            this.#noteNews();
          },
          onEvents: (events) => {
            if (events.some(({ event }) => runEvents.has(event))) this.#noteNews();
          },
          onCut: () => this.#become({ isOpen: false }),
        });
        return this.#become({ isOpen: false });
      } catch (error) {
        signal.throwIfAborted();
        this.#become({ isOpen: false });
        // If the key is refused everywhere, the other reads report that; the key may become valid again.
        const isForNow = isNotReady(error) || stopsOf(error) === "everything";
        if (!isForNow) return this.#reportRefusal(error);
      }
      await this.context.sleep(againMs, signal);
    }
  }

  #become({ isOpen }: { isOpen: boolean }): void {
    if (isOpen === this.isOpen) return;
    this.isOpen = isOpen;
    this.options.onChange();
  }

  #reportRefusal(error: unknown): void {
    const name = this.options.reader.nameOf(this.deployment_id);
    const why = `its events can't be followed (${messageOf(error)})`;
    this.options.onMessage(`${name} is refreshed every few seconds instead: ${why}`);
  }

  #noteNews(): void {
    this.#hasNews = true;
    if (this.#isReporting) return;
    this.#isReporting = true;
    this.#report().catch((error: unknown) => this.#fail(error));
  }

  /** Reads once more if events arrive during a read. */
  async #report(): Promise<void> {
    const { signal } = this.#closed;
    const { reader, onSnapshot } = this.options;
    while (this.#hasNews) {
      await this.context.sleep(gatherMs, signal);
      this.#hasNews = false;
      const beganMs = this.context.monotonic();
      onSnapshot(await reader.readOne(this.deployment_id, signal), this.deployment_id);
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
/** Keeps requests to at most a fifth of the time. */
const restPerReading = 4;

/** How long to rest after a read, in ms. */
function restAfter(tookMs: number, leastMs = usualRestMs): number {
  return Math.min(mostRestMs, Math.max(leastMs, restPerReading * tookMs));
}

/** A sleep that can be cut short, even before it starts. */
export class WakeableSleep {
  #isOver = false;
  #end = () => {};

  constructor(
    private readonly context: Context,
    private readonly over: AbortSignal,
  ) {}

  readonly wake = (): void => {
    this.#isOver = true;
    this.#end();
  };

  /** Resolves after `ms`, when `over` aborts, or at once if `wake` has been called since the last sleep. */
  async sleep(ms: number): Promise<void> {
    if (!this.#isOver) {
      const enough = innerController(this.over);
      this.#end = () => enough.abort();
      await this.context.sleep(ms, enough.signal).catch(() => {});
      enough.abort();
    }
    this.#isOver = false;
  }
}

interface StreamReading {
  deployment_id: string;
  signal: AbortSignal;
  gatherMs: number;
  onOpen(): void;
  onEvents(events: readonly RawEvent[]): void;
  /** Called when the connection is lost, or can't be made yet. */
  onCut(): void;
}

/** Reads a stream to its end, and retries forever if the API can't be reached. Throws the API's refusal. */
async function readStream(context: Context, reading: StreamReading): Promise<void> {
  const { signal } = reading;
  for (let failuresInARow = 1; ; failuresInARow += 1) {
    try {
      return await readOnce(context, reading);
    } catch (error) {
      if (signal.aborted || exitCodeOf(error) !== exitCodes.unreachable) throw error;
      reading.onCut();
      await context.sleep(reconnectDelayMs({ failuresInARow, random: Math.random() }), signal);
    }
  }
}

async function readOnce(context: Context, reading: StreamReading): Promise<void> {
  const { deployment_id, signal, gatherMs } = reading;
  const client = await context.client();
  const stream = await client.deployments.events.open(
    deployment_id,
    {},
    {
      signal,
      gatherMs,
      onReconnect: ({ state }) => {
        if (state === "open") reading.onOpen();
        else reading.onCut();
      },
    },
  );
  client.stopReportingSilence();
  reading.onOpen();
  try {
    for await (const batch of stream) reading.onEvents(batch);
  } finally {
    stream.close();
  }
}
