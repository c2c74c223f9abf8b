/** An open stream of events, which reconnects when cut off and never repeats an event. */

import { onAbort } from "../abort.js";
import { ApiError, ConnectionError, InvalidIdError, TimeoutError, UnexpectedAnswerError } from "../errors.js";
import type { OpenResponse } from "../exchange.js";
import type { Query } from "../fetch.js";
import type { Requester, RequestOptions } from "../request.js";
import { isRetriable } from "../retry/retry.js";
import type { RawEvent } from "../types.js";
import { isSendableId, readEvents, utf8Bytes, utf8Text } from "./read-events.js";

/** Time without any data, even comments, after which the connection counts as dead. */
const stallMs = 45_000;
/** A chunk of this many bytes suggests that more are waiting, so that a reader that pauses would fall behind. */
const muchBytes = 8 * 1024;
/** Time after which a connection counts as healthy, even without events. */
const soundAfterMs = 30_000;

export interface ReconnectInfo {
  /** `waiting`: disconnected, next attempt in `delayMs`. `open`: connected again. */
  state: "waiting" | "open";
  /** The number of attempts since the stream last worked; the first is 1. */
  attempt: number;
  delayMs: number;
  /** Undefined if the server simply ended the response. */
  reason: unknown;
  lastEventId: string;
}

/** The signal ends the stream and rejects its loop; `maxWaitMs` and `maxRetries` apply to the first connection. */
export interface OpenOptions extends RequestOptions {
  /** Continues after this id: the server replays later events. */
  lastEventId?: string;
  onReconnect?(info: ReconnectInfo): void;
  /** To read only missed events: ends the stream when its connection ends, or after this long without a byte. */
  replayQuietMs?: number;
  /** Pauses this long after a small chunk, so that later bytes are read together. */
  gatherMs?: number;
}

/** The events in each chunk as received: each id once and in order, across all connections. */
export interface RawEventStream extends AsyncIterable<RawEvent[]> {
  /** The id after which the stream would continue. Includes a batch once the next one is requested. */
  readonly lastEventId: string;
  close(): void;
}

/**
 * Opens the stream: the first time like any GET, then repeatedly until it is closed, or the API answers 204 or
 * refuses. Throws whatever a GET throws, and InvalidIdError if `lastEventId` can't be sent.
 */
export async function openEventStream(requester: Requester, target: StreamTarget): Promise<RawEventStream> {
  const stream = new OwnedStream(requester, target);
  await stream.open();
  return stream;
}

interface StreamTarget {
  path: string;
  query: Query;
  options: OpenOptions;
}

class OwnedStream implements RawEventStream {
  lastEventId: string;
  // A `#` field, because with TypeScript's `private`, printing the stream would print the key.
  readonly #requester: Requester;
  readonly #target: StreamTarget;
  readonly #ended = new AbortController();
  readonly #seen = new SeenIds();
  #batches: AsyncGenerator<RawEvent[], void> | undefined;
  #leaveSignal: (() => void) | undefined;
  #isClosed = false;
  #hasProgress = false;
  #retryMs: number | undefined;
  #failuresInARow = 0;

  constructor(requester: Requester, target: StreamTarget) {
    this.#requester = requester;
    this.#target = target;
    const { lastEventId = "" } = target.options;
    if (!isSendableId(lastEventId)) throw new InvalidIdError("the event's id can't be sent");
    this.lastEventId = lastEventId;
  }

  async open(): Promise<void> {
    const { signal, maxWaitMs, lastEventId } = this.#target.options;
    if (signal?.aborted === true) throw signal.reason;
    if (signal !== undefined) this.#leaveSignal = onAbort(signal, () => this.#ended.abort(signal.reason));
    try {
      const answer = await this.#connect({ maxWaitMs });
      if (lastEventId !== undefined) this.#seen.add([lastEventId]);
      if (lastEventId !== undefined) this.#seen.beginReplay();
      this.#batches = this.#run(answer);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<RawEvent[], void> {
    if (this.#batches === undefined) throw new Error("the stream isn't open");
    return this.#batches;
  }

  close(): void {
    this.#isClosed = true;
    this.#leaveSignal?.();
    this.#ended.abort(new Error("closed"));
  }

  async *#run(first: OpenResponse | undefined): AsyncGenerator<RawEvent[], void> {
    try {
      for (let answer = first; answer !== undefined; ) {
        const openedMs = this.#requester.settings.monotonic();
        let reason: unknown;
        this.#hasProgress = false;
        try {
          yield* this.#read(answer);
        } catch (error) {
          if (!(error instanceof ConnectionError || error instanceof TimeoutError)) throw error;
          reason = error;
        }
        this.#hasProgress ||= this.#requester.settings.monotonic() - openedMs >= soundAfterMs;
        if (this.#target.options.replayQuietMs !== undefined) return;
        answer = await this.#reopen(reason);
      }
    } catch (error) {
      if (!this.#isClosed) throw error;
    } finally {
      this.close();
    }
  }

  async *#read(answer: OpenResponse): AsyncGenerator<RawEvent[], void> {
    const { replayQuietMs: silentMs = stallMs, gatherMs } = this.#target.options;
    try {
      for await (const parsed of readEvents(answer, { lastId: this.lastEventId, silentMs })) {
        this.#retryMs = parsed.retryMs ?? this.#retryMs;
        const { events, ids } = this.#seen.withoutDuplicates(parsed);
        this.#hasProgress ||= events.length > 0;
        if (events.length > 0) yield events;
        this.#seen.add(ids);
        this.lastEventId = parsed.lastId;
        if (gatherMs !== undefined && parsed.size < muchBytes) await this.#rest(gatherMs);
      }
    } finally {
      answer.close();
    }
  }

  #rest(ms: number): Promise<void> {
    return this.#requester.settings.sleep(ms, this.#ended.signal);
  }

  /** Returns the next connection's response; undefined if the API ended the stream. Retries until it is reachable. */
  async #reopen(cut: unknown): Promise<OpenResponse | undefined> {
    const { settings } = this.#requester;
    for (let attempt = 1, reason = cut; ; attempt += 1) {
      this.#failuresInARow = this.#hasProgress && attempt === 1 ? 1 : this.#failuresInARow + 1;
      const retryAfterMs = reason instanceof ApiError ? reason.retryAfterMs : undefined;
      const delayMs = reconnectDelayMs({
        failuresInARow: this.#failuresInARow,
        random: settings.random(),
        retryMs: this.#retryMs,
        retryAfterMs,
      });
      const info = { attempt, delayMs, reason, lastEventId: this.lastEventId };
      this.#target.options.onReconnect?.({ state: "waiting", ...info });
      await this.#rest(delayMs);
      try {
        const answer = await this.#connect({ maxAttempts: 1 });
        this.#seen.beginReplay();
        this.#target.options.onReconnect?.({ state: "open", ...info });
        return answer;
      } catch (error) {
        if (this.#ended.signal.aborted || !mayPass(error)) throw error;
        reason = error;
      }
    }
  }

  async #connect(limits: { maxAttempts?: number; maxWaitMs?: number }): Promise<OpenResponse | undefined> {
    const { path, query, options } = this.#target;
    const headers: Record<string, string> = { accept: "text/event-stream" };
    // A header's characters are bytes, so the id is sent as UTF-8.
    if (this.lastEventId !== "")
      headers["last-event-id"] = String.fromCharCode(...utf8Bytes(this.lastEventId));
    const answer = await this.#requester.open(
      {
        path,
        query,
        headers,
        options: { ...options, signal: this.#ended.signal, maxWaitMs: limits.maxWaitMs },
      },
      { maxAttempts: limits.maxAttempts },
    );
    const { status, requestId } = answer;
    if (status === 200 && /^text\/event-stream\b/i.test(answer.header("content-type") ?? "")) return answer;
    answer.close();
    if (status === 204) return undefined;
    throw new UnexpectedAnswerError(`the API answered ${status} without an event stream`, {
      status,
      requestId,
    });
  }
}

/** True for errors after which a GET is retried, any 5xx, and a proxy's page. */
function mayPass(failure: unknown): boolean {
  if (failure instanceof ApiError && failure.status >= 500) return true;
  return failure instanceof UnexpectedAnswerError || isRetriable("safe", failure);
}

const shortestMs = 250;
const longestMs = 60_000;

/**
 * Milliseconds until the next connection: 0.25–60 s with jitter, growing with each successive connection without
 * events, and at least the server's `retry` (within the same limits) or `Retry-After`. `random` is in [0, 1).
 */
export function reconnectDelayMs(options: {
  failuresInARow: number;
  random: number;
  retryMs?: number;
  retryAfterMs?: number;
}): number {
  const ceiling = Math.min(longestMs, 2 * shortestMs * 2 ** Math.max(0, options.failuresInARow - 1));
  const ownMs = ceiling / 2 + (options.random * ceiling) / 2;
  const retryMs = Math.min(longestMs, Math.max(shortestMs, options.retryMs ?? 0));
  return Math.max(ownMs, retryMs, options.retryAfterMs ?? 0);
}

const maxIds = 100_000;
/** After a reconnect, this many new ids in a row mark the end of the replay. */
const replayIsOverAfter = 10_000;

/**
 * The ids of the last 100,000 events (or up to twice as many), to recognise duplicates in a replay. One string per
 * batch, copied from the chunks, in two generations; the older is dropped as a whole. A set is built only for a replay,
 * because it slows down a fast stream.
 * @internal
 */
export class SeenIds {
  #older: string[] = [];
  #newer: string[] = [];
  #newerCount = 0;
  #replay: { known: Set<string>; newInARow: number } | undefined;

  /** Call it once the events have been consumed. Ids contain no line feed. */
  add(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#newer.push(utf8Text(utf8Bytes(ids.join("\n"))));
    this.#newerCount += ids.length;
    if (this.#newerCount < maxIds) return;
    this.#older = this.#newer;
    this.#newer = [];
    this.#newerCount = 0;
  }

  beginReplay(): void {
    const known = this.#replay?.known;
    const isUsable = known !== undefined && known.size < 3 * maxIds;
    const ids = () => [...this.#older, ...this.#newer].flatMap((text) => text.split("\n"));
    this.#replay = { known: isUsable ? known : new Set(ids()), newInARow: 0 };
  }

  /** Drops repeated events; an event without its own id is never a repetition. */
  withoutDuplicates(parsed: { events: RawEvent[]; ownIds: string[] }): { events: RawEvent[]; ids: string[] } {
    if (this.#replay === undefined)
      return { events: parsed.events, ids: parsed.ownIds.filter((id) => id !== "") };
    const events: RawEvent[] = [];
    const ids: string[] = [];
    for (const [index, event] of parsed.events.entries()) {
      const id = parsed.ownIds[index] ?? "";
      if (id !== "" && this.#isDouble(id)) continue;
      events.push(event);
      if (id !== "") ids.push(id);
    }
    return { events, ids };
  }

  #isDouble(id: string): boolean {
    if (this.#replay === undefined) return false;
    const { known } = this.#replay;
    if (known.has(id)) {
      this.#replay.newInARow = 0;
      return true;
    }
    known.add(id);
    this.#replay.newInARow += 1;
    if (this.#replay.newInARow >= replayIsOverAfter) this.#replay = undefined;
    return false;
  }
}
