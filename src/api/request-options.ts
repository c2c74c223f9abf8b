import type { Door } from "./door.js";
import type { SentChange } from "./errors.js";
import type { Query } from "./urls.js";

export interface RequestOptions {
  /** Ends the request, its waits and its attempts; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Starts nothing new: waits end, and no further attempt is made, but the one under way is finished. So the outcome of
   * a change stays known; the call then rejects as after its last attempt, or with this signal's reason if it sent nothing.
   */
  stopSignal?: AbortSignal;
  /** One attempt, until its answer's headers; default 30 s. */
  timeoutMs?: number;
  /** All attempts together; default 60 s. */
  maxWaitMs?: number;
  /** Called with what an answer said beside its body, for each answer that came. */
  onAnswer?(answer: AnswerInfo): void;
  /**
   * Awaited right before the request is sent, if it was sent before or had to wait for a pause that the API asked for;
   * `leftMs` is what all attempts have left. What it throws ends the request, which isn't sent then.
   */
  beforeResend?(limits: { leftMs: number }): Promise<void>;
}

export interface AnswerInfo {
  status: number;
  /** The server's own time, from the answer's `Date`. */
  date: Date | undefined;
  requestId: string | undefined;
}

/** One attempt of one request, for a log. No header is in it, so no key. */
export interface AttemptInfo extends Partial<AnswerInfo> {
  method: string;
  url: string;
  /** The first is 1. */
  attempt: number;
  durationMs: number;
  /** Why it failed; absent where it didn't. */
  failure?: unknown;
  /** How long until the next attempt; absent where there is none. */
  delayMs?: number;
}

export interface Call {
  path: string;
  query?: Query;
  body?: object;
  headers?: Record<string, string>;
  options?: RequestOptions;
}

/** A call whose answer is an object. */
export interface ObjectCall<T extends object> extends Call {
  door: Door<T>;
}

export interface ChangeCall<T extends object> extends ObjectCall<T> {
  sent: SentChange;
}
