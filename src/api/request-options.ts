/** The options for a call, and the report on an unanswered call. */

import type { SentChange } from "./errors.js";
import type { FetchLike, FetchResponse, Query, Signal, StartTimer } from "./fetch.js";
import type { RetryBudget } from "./retry/retry.js";
import type { Schema } from "./schema.js";

/** The last argument of every call. */
export interface RequestOptions {
  /** Ends the request, its waits and attempts; the call then rejects, with an AbortError if it changed nothing. */
  signal?: Signal;
  /** Limit of one attempt, until its response's headers; default: the client's, 30 s. */
  timeoutMs?: number;
  /** Limit of all attempts together; default: the client's, 60 s. */
  maxWaitMs?: number;
  /** Maximum retries; default: the client's, 3. */
  maxRetries?: number;
  /** Sent in addition to the client's headers; replace those with the same name. */
  headers?: Record<string, string>;
}

export interface CallOptions extends RequestOptions {
  /**
   * Stops further work: waits end and no further attempt is made, but the current one finishes, so that the outcome of
   * a change is known. The call then rejects as after a last attempt, or with this signal's reason if unsent.
   */
  stopSignal?: Signal;
  onAnswer?(answer: AnswerInfo, headers: FetchResponse["headers"]): void;
  /**
   * Awaited right before a request is sent again, or is sent after a pause that the API asked for; `leftMs`: time left
   * for all attempts; `isLost`: an earlier one may still take effect. If it throws, the request isn't sent.
   */
  beforeResend?(state: { leftMs: number; isLost: boolean }): Promise<void>;
}

export interface AnswerInfo {
  status: number;
  date: Date | undefined;
  requestId: string | undefined;
}

/** One attempt of one request, for a log. Contains no header, so no key. */
export interface AttemptInfo extends Partial<AnswerInfo> {
  method: string;
  url: string;
  attempt: number;
  durationMs: number;
  /** The attempt's error; absent after a success. */
  failure?: unknown;
  /** Milliseconds until the next attempt; absent if there is none. */
  delayMs?: number | undefined;
}

export type ApiKey = string | (() => string | Promise<string>);

export interface RequesterSettings extends Required<Omit<RequestOptions, "signal">> {
  /** Default: HERM_API_URL, or https://api.prismagents.com. Plain http only to this machine. */
  baseUrl: string;
  /** A function is called before each request; default: HERM_API_KEY or PRISM_API_KEY. */
  apiKey: ApiKey;
  userAgent: string;
  /** The transport; default: the global `fetch`. */
  fetch: FetchLike;
  retryBudget: RetryBudget;
  /** Removes secrets from others' text, or from our own sentence; default: the key, plain and URL-encoded. */
  redact(text: string, whose?: "foreign" | "ours"): string;
  timer: StartTimer;
  /** Waits between attempts and connections; rejects with the signal's reason. */
  sleep(ms: number, signal?: Signal): Promise<void>;
  now(): number;
  monotonic(): number;
  random(): number;
  onAttempt?(attempt: AttemptInfo): void;
  /** Called once with the server's time, from the first response with a `Date` (whole seconds). */
  onFirstDate?(date: Date): void;
  /** Called once, when requests are open but no byte has arrived for 5 s. */
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

/** Reports that no open request has been answered for `quietMs`. */
export interface SilenceNews {
  failure: Error | undefined;
  leftMs: number;
  deployment_id: string | undefined;
}

export type OnSilence = (news: SilenceNews) => void;
