import { HermClient as Client, type HermOptions } from "./client.js";

export type { EventStream, OpenOptions, RawEventStream, ReconnectInfo } from "./client.js";
export { defaultBaseUrl, type HermOptions } from "./client.js";
export * from "./errors.js";
export type { StartTimer } from "./exchange-abort.js";
export type { FetchInit, FetchLike, FetchResponse, RequestWatch } from "./fetch.js";
export type { AnswerInfo, AttemptInfo, RequestOptions } from "./request.js";
export type { SameSchedule } from "./resources/automations.js";
export { RetryBudget } from "./retry/retry.js";
export type * from "./types.js";

/**
 * The client, with its key from `HERM_API_KEY` or else `PRISM_API_KEY`, and its URL from `HERM_API_URL`, where the
 * options don't give them.
 */
export class Herm extends Client {
  constructor(options: HermOptions = {}) {
    const env: Record<string, string | undefined> = typeof process === "undefined" ? {} : process.env;
    const { HERM_API_KEY, PRISM_API_KEY, HERM_API_URL } = env;
    super({
      ...options,
      apiKey: options.apiKey ?? (HERM_API_KEY || PRISM_API_KEY),
      baseUrl: options.baseUrl ?? (HERM_API_URL || undefined),
    });
  }
}

export default Herm;
