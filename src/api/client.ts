/** The client of the Herm API, and the checks of its options. */

import { sleep } from "./abort.js";
import { NotFoundError } from "./errors.js";
import { checkedKey, parseBaseUrl, startTimer } from "./fetch.js";
import { isObject } from "./json.js";
import { Requester } from "./request.js";
import type { CallOptions, RequesterSettings } from "./request-options.js";
import {
  type AutomationGuard,
  comparePlainCrons,
  createAutomations,
  createDeployments,
  createThreads,
  type SameSchedule,
} from "./resources.js";
import type { OutageRetry, OutageRetryOptions } from "./retry/outage-retry.js";
import { processRetryBudget } from "./retry/retry.js";
import { localServerName, Schema } from "./schema.js";

export const defaultBaseUrl = "https://api.prismagents.com";

/** Settings for the requester: the package's options, and others that only the command and tests use. */
export interface ClientOptions extends Partial<Omit<RequesterSettings, "userAgent">> {
  version?: string;
  /** Compares two schedules (undefined: can't tell), to decide if an update whose response was lost took effect. */
  sameSchedule?: SameSchedule;
  guard?: AutomationGuard;
}

/**
 * The client of the Herm API in the official SDK's shape (src/api/README.md, "The SDK's shape"). Its errors are in
 * errors.ts. Throws ApiKeyError and InvalidUrlError; sends no request before the first call.
 */
export class HermClient {
  readonly automations: ReturnType<typeof createAutomations>;
  readonly deployments: ReturnType<typeof createDeployments>;
  readonly threads: ReturnType<typeof createThreads>;
  readonly #requester: Requester;

  constructor(options: ClientOptions = {}) {
    const { apiKey: asked } = options;
    let key = typeof asked === "function" ? "" : checkedKey(asked);
    const requester = new Requester({
      baseUrl: parseBaseUrl(options.baseUrl ?? defaultBaseUrl),
      apiKey: typeof asked === "function" ? async () => (key = await asked()) : key,
      headers: options.headers ?? {},
      redact:
        options.redact ??
        ((text) =>
          key === "" ? text : text.replaceAll(key, "[key]").replaceAll(encodeURIComponent(key), "[key]")),
      userAgent: options.version === undefined ? "herm-cli" : `herm-cli/${options.version}`,
      fetch: options.fetch ?? globalThis.fetch,
      maxRetries: options.maxRetries ?? 3,
      timeoutMs: options.timeoutMs ?? 30_000,
      maxWaitMs: options.maxWaitMs ?? 60_000,
      retryBudget: options.retryBudget ?? processRetryBudget,
      timer: options.timer ?? startTimer,
      sleep: options.sleep ?? sleep,
      now: options.now ?? Date.now,
      monotonic: options.monotonic ?? (() => performance.now()),
      random: options.random ?? Math.random,
      onAttempt: options.onAttempt,
      onFirstDate: options.onFirstDate,
      onSilence: options.onSilence,
    });
    this.deployments = createDeployments(requester);
    const { events } = this.deployments;
    this.threads = createThreads(requester);
    this.automations = createAutomations(requester, {
      sameSchedule: options.sameSchedule ?? comparePlainCrons,
      events,
      threads: this.threads,
      guard: options.guard,
    });
    this.#requester = requester;
  }

  /**
   * For work on many automations: from now on, retries each request until `maxWaitMs` have passed since any request
   * last succeeded. `begin` creates the retry, whose code is loaded only if needed. Not part of the SDK.
   */
  retryOutages(begin: (options: OutageRetryOptions) => OutageRetry): OutageRetry {
    const requester = this.#requester;
    const { openRequests, settings } = requester;
    const { maxWaitMs, monotonic, sleep } = settings;
    requester.outageRetry ??= begin({ maxWaitMs, monotonic, sleep, openRequests });
    return requester.outageRetry;
  }

  /** Stops the reports of silence once the screen shows other output. Not part of the SDK. */
  stopReportingSilence(): void {
    this.#requester.openRequests.onSilence = undefined;
  }

  get outageRetry(): OutageRetry | undefined {
    return this.#requester.outageRetry;
  }

  /** True after any successful read, which proves that the API accepts the key. Not part of the SDK. */
  get hasRead(): boolean {
    return this.#requester.hasRead;
  }

  /** True if the latest response came from a local server; sends no request. Not part of the SDK. */
  get isLocalServer(): boolean {
    return this.#requester.serverName === localServerName;
  }

  /**
   * The id of a local server's store, which is the same at every address. Other APIs are never asked for it: the latest
   * response, or a call that every API supports, identifies a local server. Part of neither the API nor the SDK.
   */
  async storeId(options?: CallOptions): Promise<string | undefined> {
    if (this.#requester.serverName === undefined) await this.deployments.list({ limit: 1 }, options);
    if (this.#requester.serverName !== localServerName) return undefined;
    try {
      const call = { path: "/_dev/store", schema: storeSchema, options };
      return (await this.#requester.get(call)).store_id;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}

const storeSchema = new Schema<{ store_id: string }>("store_id");

const amount = "a number of 0 or more";

/** The types of all options, as their errors name them. */
const types: Readonly<Record<string, string>> = {
  timeoutMs: amount,
  maxWaitMs: amount,
  maxRetries: amount,
  headers: "a plain object of strings",
  signal: "an AbortSignal object",
  apiKey: "a string or a function",
  baseUrl: "a string",
  lastEventId: "a string",
  fetch: "a function",
  onAttempt: "a function",
  onEvent: "a function",
};

/** Throws a TypeError that names the first unknown option, or one of the wrong type; undefined counts as absent. */
export function checkOptions(options: unknown, names: readonly string[]): void {
  if (!isObject(options)) throw new TypeError("the options must be an object");
  for (const [name, value] of Object.entries(options)) {
    const type = names.includes(name) ? types[name] : undefined;
    if (value === undefined) continue;
    if (type === undefined) throw new TypeError(`there is no option ${name}, only ${names.join(", ")}`);
    const isOfType = type.split(" ").includes(typeof value) && (typeof value !== "number" || value >= 0);
    if (!isOfType || (typeof value === "object" && !isPlausible(name, value)))
      throw new TypeError(`the option ${name} must be ${type}`);
  }
}

/** False for null, an AbortController, a Headers and a Map. */
function isPlausible(name: string, value: object | null): boolean {
  if (value === null || Symbol.iterator in value) return false;
  if (name === "signal") return "addEventListener" in value;
  return Object.values(value).every((each) => typeof each === "string");
}
