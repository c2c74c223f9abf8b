/** The options of a call, and the news of one that is not answered. */

import type { SentChange } from "./errors.js";
import type { FetchLike, FetchResponse, Query, Signal, StartTimer } from "./fetch.js";
import type { RetryBudget } from "./retry/retry.js";
import type { Schema } from "./schema.js";

/** The last argument of every call. */
export interface RequestOptions {
  /** Ends the request, its waits and its attempts; the call then rejects, with an AbortError if nothing was changed. */
  signal?: Signal;
  /** One attempt, until its answer's headers; default: the client's, 30 s. */
  timeoutMs?: number;
  /** All attempts together; default: the client's, 60 s. */
  maxWaitMs?: number;
  /** Repetitions at most; default: the client's, 3. */
  maxRetries?: number;
  /** Sent beside the client's, or in place of one of the same name. */
  headers?: Record<string, string>;
}

/** What the command's calls have besides. */
export interface CallOptions extends RequestOptions {
  /**
   * Starts nothing new: waits end, and no further attempt is made, but the one under way is finished. So the outcome of
   * a change stays known; the call then rejects as after its last attempt, or with this signal's reason if it sent
   * nothing.
   */
  stopSignal?: Signal;
  onAnswer?(answer: AnswerInfo, headers: FetchResponse["headers"]): void;
  /**
   * Awaited right before the request is sent, if it was sent before or had to wait for a pause that the API asked for;
   * `leftMs` is what all attempts have left; `isLost`: an earlier one may take effect yet. Throwing prevents the request
   * from being sent.
   */
  beforeResend?(state: { leftMs: number; isLost: boolean }): Promise<void>;
}

export interface AnswerInfo {
  status: number;
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
  /** The error of the attempt; absent after a success. */
  failure?: unknown;
  /** Milliseconds until the next attempt; absent where there is none. */
  delayMs?: number | undefined;
}

export type ApiKey = string | (() => string | Promise<string>);

export interface RequesterSettings extends Required<Omit<RequestOptions, "signal">> {
  /** Default: HERM_API_URL, or https://api.prismagents.com. Plain http only to this machine. */
  baseUrl: string;
  /** A function is asked before each request; default: HERM_API_KEY or PRISM_API_KEY. */
  apiKey: ApiKey;
  userAgent: string;
  /** The transport; default: the global `fetch`. */
  fetch: FetchLike;
  retryBudget: RetryBudget;
  /** Removes secrets from a foreign text, or from our own sentence; default: the key, as it is and URL-encoded. */
  redact(text: string, whose?: "foreign" | "ours"): string;
  timer: StartTimer;
  /** Waits between attempts and connections; rejects with the signal's reason. */
  sleep(ms: number, signal?: Signal): Promise<void>;
  now(): number;
  monotonic(): number;
  random(): number;
  onAttempt?(attempt: AttemptInfo): void;
  /** Called once, with the server's own time by the first answer that has one (`Date`, in whole seconds). */
  onFirstDate?(date: Date): void;
  /** Called once, when there are open requests and nothing came of any for 5 s. */
  onSilence?: OnSilence;
}

export interface ApiCall {
  path: string;
  query?: Query;
  body?: object;
  headers?: Record<string, string>;
  options?: CallOptions;
}

export interface ObjectCall<T extends object> extends ApiCall {
  schema: Schema<T>;
}

export interface ChangeCall<T extends object> extends ObjectCall<T> {
  sent: SentChange;
}

/** News that no open request was answered for `quietMs`. */
export interface SilenceNews {
  failure: Error | undefined;
  leftMs: number;
  deployment_id: string | undefined;
}

export type OnSilence = (news: SilenceNews) => void;
