import { AmbiguousError, HermError, NotFoundError } from "./errors.js";
import {
  exchange,
  type OpenResponse,
  readDeletion,
  readError,
  readObject,
  saysNotThere,
} from "./exchange.js";
import { askedKey, ExchangeAbort, withQuery } from "./fetch.js";
import type {
  AnswerInfo,
  ApiCall,
  CallOptions,
  ChangeCall,
  ObjectCall,
  RequesterSettings,
} from "./request-options.js";
import {
  type AttemptsOutcome,
  attemptRepeatedly,
  type Pace,
  type RetryRules,
  type UndecidedChange,
} from "./retry/attempts.js";
import { OpenRequests, type OutageRetry } from "./retry/outage-retry.js";
import { RateLimitPause, type RequestKind } from "./retry/retry.js";
import { msOf } from "./schema.js";

export type { AnswerInfo, AttemptInfo, CallOptions, RequestOptions } from "./request-options.js";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

interface Handling<T> {
  kind: RequestKind;
  maxAttempts?: number;
  /** `waitMs`: the limit for the next byte; `leftMs`: time left for the attempt. */
  read(answer: OpenResponse, limits: { waitMs(): number; leftMs(): number }): Promise<T>;
}

const noOptions: CallOptions = {};

/** Sends the client's requests. Repeats reads, PATCHes and DELETEs, but a POST only if it certainly never arrived. */
export class Requester {
  /** The latest response's `Server` header, `null` if it had none; undefined before the first response. */
  serverName: string | null | undefined;
  /** True after a GET returned an object: the API accepts the key. */
  hasRead = false;
  outageRetry: OutageRetry | undefined;
  readonly openRequests: OpenRequests;
  readonly #pace: Pace;
  readonly #host: string;
  readonly #headers: Record<string, string>;
  #isDateReported: boolean;

  constructor(readonly settings: RequesterSettings) {
    const { retryBudget, sleep, monotonic, random, headers, userAgent } = settings;
    this.openRequests = new OpenRequests(settings);
    this.#pace = {
      retryBudget,
      sleep,
      monotonic,
      random,
      hold: new RateLimitPause(),
      openRequests: this.openRequests,
    };
    this.#host = new URL(settings.baseUrl).host;
    const ours = { accept: "application/json", "accept-encoding": "identity", "user-agent": userAgent };
    this.#headers = withHeaders(ours, headers);
    this.#isDateReported = settings.onFirstDate === undefined;
  }

  async get<T extends object>(call: ObjectCall<T>): Promise<T> {
    const read = valueOrThrow(await this.#object<T>("GET", call, "safe"));
    this.hasRead = true;
    return read;
  }

  /** Takes effect at most once; throws AmbiguousError if the outcome is unknown. */
  async post<T extends object>(call: ChangeCall<T>): Promise<T> {
    const sentMs = this.settings.now();
    const outcome = await this.#object<T>("POST", call, "once");
    if (outcome.isDone || !outcome.mayHaveTakenEffect) return valueOrThrow(outcome);
    throw new AmbiguousError({ sent: call.sent, sentAt: new Date(sentMs), cause: outcome.failure });
  }

  /**
   * Sets fixed values; throws AmbiguousError if an attempt was lost. If a response is ambiguous, GETs of the same
   * path decide: `isIn` reports whether the object has the values; undefined (can't tell) leads to an AmbiguousError.
   */
  async patch<T extends object>(
    call: ChangeCall<T>,
    isIn: (stored: T) => boolean | undefined | Promise<boolean | undefined>,
  ): Promise<T> {
    const sentMs = this.settings.now();
    const outcome = await this.#object<T>("PATCH", call, "convergent");
    if (outcome.isDone || !outcome.mayHaveTakenEffect || saysNotThere(outcome.failure))
      return valueOrThrow(outcome);
    const judge = async (reading: AttemptsOutcome<T>) => {
      if (!reading.isDone) return undefined;
      const isApplied = await isIn(reading.value);
      return isApplied === true ? { value: reading.value } : isApplied;
    };
    return this.#decide(call, { ...outcome, sentMs, judge });
  }

  /**
   * Deletes; a 404 on a later attempt counts as deleted. Throws AmbiguousError if an attempt was lost; GETs decide
   * after an ambiguous response or a 404.
   */
  async delete<T extends object>(call: ChangeCall<T>): Promise<void> {
    const sentMs = this.settings.now();
    const outcome = await this.#run("DELETE", call, { kind: "convergent", read: readDeletion });
    if (outcome.isDone) return;
    const { failure, mayHaveTakenEffect } = outcome;
    if (mayHaveTakenEffect && saysNotThere(failure)) return;
    if (!mayHaveTakenEffect && !(failure instanceof NotFoundError)) throw failure;
    const judge = (reading: AttemptsOutcome<T>) => {
      if (reading.isDone) return false;
      if (!saysNotThere(reading.failure)) return undefined;
      if (!mayHaveTakenEffect) throw reading.failure;
      return { value: undefined };
    };
    await this.#decide(call, { ...outcome, sentMs, judge });
  }

  async #decide<T extends object, Value>(
    { path, schema, sent, options = noOptions }: ChangeCall<T>,
    undecided: Pick<UndecidedChange<T, Value>, "sentMs" | "failure" | "isLost" | "judge">,
  ): Promise<Value> {
    const read = (limits: CallOptions) =>
      this.#object<T>("GET", { path, schema, options: limits }, "safe", 1);
    const { decideByReading } = await import("./retry/attempts.js");
    const value = await decideByReading(this.settings, { ...undecided, sent, options, read });
    this.outageRetry?.succeed("convergent");
    return value;
  }

  async open(call: ApiCall, { maxAttempts }: { maxAttempts?: number } = {}): Promise<OpenResponse> {
    return valueOrThrow(
      await this.#run("GET", call, { kind: "safe", maxAttempts, read: async (answer) => answer }),
    );
  }

  #object<T extends object>(
    method: Method,
    call: ObjectCall<T>,
    kind: RequestKind,
    maxAttempts?: number,
  ): Promise<AttemptsOutcome<T>> {
    const { schema } = call;
    return this.#run(method, call, {
      kind,
      maxAttempts,
      read: (answer, { waitMs }) => readObject<T>(answer, { waitMs, schema }),
    });
  }

  #run<T>(
    method: Method,
    call: ApiCall,
    { kind, maxAttempts, read }: Handling<T>,
  ): Promise<AttemptsOutcome<T>> {
    const { settings } = this;
    const { options = noOptions } = call;
    const timeoutMs = options.timeoutMs ?? settings.timeoutMs;
    const url = `${settings.baseUrl}${withQuery(call.path, call.query)}`;
    let info: AnswerInfo | undefined;
    const rules: RetryRules = {
      pace: this.#pace,
      kind,
      path: call.path,
      maxAttempts: maxAttempts ?? (options.maxRetries ?? settings.maxRetries) + 1,
      timeoutMs,
      maxWaitMs: options.maxWaitMs ?? settings.maxWaitMs,
      // A call's own limits still apply.
      outageRetry:
        (maxAttempts ?? options.maxWaitMs ?? options.maxRetries) === undefined ? this.outageRetry : undefined,
      signal: options.signal,
      stopSignal: options.stopSignal,
      beforeResend: options.beforeResend,
      onAttempt:
        settings.onAttempt && ((attempt) => settings.onAttempt?.({ method, url, ...info, ...attempt })),
    };
    return attemptRepeatedly(rules, async (leftMs) => {
      info = undefined;
      const waitMs = () => Math.max(1, Math.min(timeoutMs, leftMs()));
      const limitMs = waitMs();
      const sentMs = settings.monotonic();
      const answer = await this.#sendOnce(call, { method, url, timeoutMs: limitMs });
      info = this.#report(answer, options);
      if (answer.status >= 200 && answer.status <= 299)
        return read(answer, { waitMs, leftMs: () => Math.max(1, limitMs - settings.monotonic() + sentMs) });
      const { redact } = settings;
      throw await readError(answer, { waitMs, redact, path: call.path, now: settings.now() });
    });
  }

  async #sendOnce(
    { headers, body, options }: ApiCall,
    { method, url, timeoutMs }: { method: Method; url: string; timeoutMs: number },
  ): Promise<OpenResponse> {
    const { fetch, timer, redact, apiKey } = this.settings;
    const authorization = `Bearer ${typeof apiKey === "string" ? apiKey : await askedKey(apiKey)}`;
    const bodyType = body === undefined ? undefined : { "content-type": "application/json" };
    try {
      return await exchange({
        fetch,
        url,
        host: this.#host,
        method,
        headers: withHeaders(
          { authorization, ...this.#headers, ...bodyType },
          { ...options?.headers, ...headers },
        ),
        body: body === undefined ? undefined : JSON.stringify(body),
        timeoutMs,
        exchangeAbort: new ExchangeAbort(options?.signal, timer),
      });
    } catch (failure) {
      if (failure instanceof HermError) failure.message = redact(failure.message, "ours");
      throw failure;
    }
  }

  #report(answer: OpenResponse, { onAnswer }: CallOptions): AnswerInfo | undefined {
    this.serverName = answer.header("server") ?? null;
    if (this.#isDateReported && onAnswer === undefined && this.settings.onAttempt === undefined)
      return undefined;
    const ms = msOf(answer.header("date"));
    const date = ms === undefined ? undefined : new Date(ms);
    const info = { status: answer.status, date, requestId: answer.requestId };
    if (!this.#isDateReported && date !== undefined) {
      this.#isDateReported = true;
      this.settings.onFirstDate?.(date);
    }
    onAnswer?.(info, answer.answer.headers);
    return info;
  }
}

/** Header names that differ only in case would be sent as one, with both values. */
function withHeaders(ours: Record<string, string>, more: Record<string, string>): Record<string, string> {
  const named = Object.entries(more).map(([name, value]) => [name.toLowerCase(), value]);
  return named.length === 0 ? ours : { ...ours, ...Object.fromEntries(named) };
}

function valueOrThrow<T>(outcome: AttemptsOutcome<T>): T {
  if (outcome.isDone) return outcome.value;
  throw outcome.failure;
}
