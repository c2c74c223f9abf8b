import { readError, readObject } from "./answers.js";
import { attemptRepeatedly, type Outcome } from "./attempts.js";
import { AmbiguousError, HermError, NotFoundError, type SentChange } from "./errors.js";
import { Exchange, type OpenAnswer } from "./exchange.js";
import type { FetchLike } from "./fetch.js";
import type { StartTimer } from "./guard.js";
import type { AnswerInfo, AttemptInfo, RequestOptions } from "./request-options.js";
import { Hold, type RequestKind, type RetryBudget } from "./retry.js";
import { type Query, withQuery } from "./urls.js";

export type { AnswerInfo, AttemptInfo, RequestOptions } from "./request-options.js";

export interface RequesterSettings {
  baseUrl: string;
  apiKey: string;
  userAgent: string;
  fetch: FetchLike;
  maxRetries: number;
  timeoutMs: number;
  maxWaitMs: number;
  retryBudget: RetryBudget;
  redact(text: string): string;
  timer: StartTimer;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  now(): number;
  monotonic(): number;
  random(): number;
  onAttempt?(attempt: AttemptInfo): void;
  onFirstDate?(date: Date): void;
}

export interface Call {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Query;
  body?: object;
  headers?: Record<string, string>;
  options?: RequestOptions;
}

/** A call whose answer is an object with an id. */
export interface ObjectCall extends Omit<Call, "method"> {
  idField?: string;
}

export interface ChangeCall extends ObjectCall {
  sent: SentChange;
}

/** Sends the client's requests by the rules of their kinds. Resources say what, this says how. */
export class Requester {
  readonly settings: RequesterSettings;
  readonly #hold = new Hold();
  #isDateTold: boolean;

  constructor(settings: RequesterSettings) {
    this.settings = settings;
    this.#isDateTold = settings.onFirstDate === undefined;
  }

  /** GET of an object. */
  async get<T extends object>(call: ObjectCall): Promise<T> {
    const outcome = await this.#object<T>(
      { ...call, method: "GET" },
      { kind: "safe", idField: call.idField },
    );
    return settled(outcome);
  }

  /** POST, at most once; throws AmbiguousError where it isn't known whether it took effect. */
  async post<T extends object>({ sent, idField, ...call }: ChangeCall): Promise<T> {
    const sentAt = this.#date();
    const outcome = await this.#object<T>({ ...call, method: "POST" }, { kind: "once", idField });
    if (outcome.isDone || !outcome.mayHaveTakenEffect) return settled(outcome);
    throw new AmbiguousError({ sent, sentAt, cause: outcome.failure });
  }

  /**
   * PATCH to fixed values. Where its attempts leave open whether they took effect, one GET of the same path decides:
   * `isIn` tells whether the object has them, or that it can't tell (undefined), which is an AmbiguousError.
   */
  async patch<T extends object>(
    { sent, idField, ...call }: ChangeCall,
    isIn: (stored: T) => boolean | undefined | Promise<boolean | undefined>,
  ): Promise<T> {
    const sentAt = this.#date();
    const outcome = await this.#object<T>({ ...call, method: "PATCH" }, { kind: "convergent", idField });
    if (outcome.isDone || !outcome.mayHaveTakenEffect) return settled(outcome);
    const { failure } = outcome;
    if (failure instanceof NotFoundError) throw failure;
    const { path, options } = call;
    const stored = await this.#object<T>(
      { method: "GET", path, options },
      { kind: "safe", idField, maxAttempts: 1 },
    );
    const isApplied = stored.isDone ? await isIn(stored.value) : undefined;
    if (stored.isDone && isApplied === true) return stored.value;
    if (isApplied === false) throw failure;
    throw new AmbiguousError({ sent, sentAt, cause: failure });
  }

  /** DELETE: gone is gone, also when only a later attempt finds it so. */
  async delete({ sent, ...call }: ChangeCall): Promise<void> {
    const sentAt = this.#date();
    const outcome = await this.#run({ ...call, method: "DELETE" }, { kind: "convergent" }, async (answer) =>
      answer.text(() => this.settings.timeoutMs).catch(() => ""),
    );
    if (outcome.isDone || !outcome.mayHaveTakenEffect) {
      settled(outcome);
      return;
    }
    if (outcome.failure instanceof NotFoundError) return;
    const { path, options } = call;
    const stored = await this.#object({ method: "GET", path, options }, { kind: "safe", maxAttempts: 1 });
    if (stored.isDone) throw outcome.failure;
    if (!(stored.failure instanceof NotFoundError)) {
      throw new AmbiguousError({ sent, sentAt, cause: outcome.failure });
    }
  }

  /** GET whose body is read by the caller as it comes. */
  async open(call: Omit<Call, "method">, limits: { maxAttempts?: number } = {}): Promise<OpenAnswer> {
    const outcome = await this.#run(
      { ...call, method: "GET" },
      { kind: "safe", ...limits },
      async (answer) => answer,
    );
    return settled(outcome);
  }

  #object<T extends object>(
    call: Call,
    { idField, ...rules }: { kind: RequestKind; idField?: string; maxAttempts?: number },
  ): Promise<Outcome<T>> {
    return this.#run(call, rules, (answer, waitMs) => readObject<T>(answer, { waitMs, idField }));
  }

  #run<T>(
    call: Call,
    { kind, maxAttempts }: { kind: RequestKind; maxAttempts?: number },
    read: (answer: OpenAnswer, waitMs: () => number) => Promise<T>,
  ): Promise<Outcome<T>> {
    const { settings } = this;
    const { options = {}, method } = call;
    const timeoutMs = options.timeoutMs ?? settings.timeoutMs;
    const url = `${settings.baseUrl}${withQuery(call.path, call.query)}`;
    const { sleep, monotonic, random, onAttempt } = settings;
    let info: Partial<AnswerInfo> = {};
    let isRepeated = false;
    return attemptRepeatedly(
      {
        sleep,
        monotonic,
        random,
        kind,
        timeoutMs,
        maxAttempts: maxAttempts ?? settings.maxRetries + 1,
        maxWaitMs: options.maxWaitMs ?? settings.maxWaitMs,
        budget: settings.retryBudget,
        hold: this.#hold,
        signal: options.signal,
        stopSignal: options.stopSignal,
        onAttempt: ({ number, ...rest }) => onAttempt?.({ method, url, attempt: number, ...info, ...rest }),
      },
      async (leftMs) => {
        info = {};
        if (isRepeated) await options.onRepeat?.();
        isRepeated = true;
        const waitMs = () => Math.max(1, Math.min(timeoutMs, leftMs()));
        const answer = await this.#exchange(call, { url, timeoutMs: waitMs() })
          .answer()
          .catch(this.#redacted);
        if (!this.#isDateTold) this.#tellDate(answer);
        const isHeard = options.onAnswer !== undefined || settings.onAttempt !== undefined;
        if (isHeard) {
          info = this.#infoOf(answer);
          options.onAnswer?.({ status: answer.status, date: info.date, requestId: info.requestId });
        }
        if (answer.status >= 200 && answer.status <= 299) return read(answer, waitMs);
        const { redact } = settings;
        throw await readError(answer, { waitMs, redact, path: call.path, now: settings.now() });
      },
    );
  }

  #exchange(call: Call, { url, timeoutMs }: { url: string; timeoutMs: number }): Exchange {
    const { fetch, apiKey, userAgent, timer } = this.settings;
    const headers: Record<string, string> = {
      authorization: `Bearer ${apiKey}`,
      accept: "application/json",
      "user-agent": userAgent,
      ...call.headers,
    };
    if (call.body !== undefined) headers["content-type"] = "application/json";
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    return new Exchange({
      fetch,
      url,
      method: call.method,
      headers,
      body,
      timeoutMs,
      timer,
      signal: call.options?.signal,
    });
  }

  #infoOf(answer: OpenAnswer): AnswerInfo {
    const time = Date.parse(answer.header("date") ?? "");
    const date = Number.isNaN(time) ? undefined : new Date(time);
    return { status: answer.status, date, requestId: answer.requestId };
  }

  #tellDate(answer: OpenAnswer): void {
    const { date } = this.#infoOf(answer);
    if (date === undefined) return;
    this.#isDateTold = true;
    this.settings.onFirstDate?.(date);
  }

  /** A failure of the transport may quote what it was to send. */
  #redacted = (failure: unknown): never => {
    if (failure instanceof HermError) failure.message = this.settings.redact(failure.message);
    throw failure;
  };

  #date(): Date {
    return new Date(this.settings.now());
  }
}

function settled<T>(outcome: Outcome<T>): T {
  if (outcome.isDone) return outcome.value;
  throw outcome.failure;
}
