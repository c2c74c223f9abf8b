import { HermClient } from "./client.js";
import type { CallOptions, RequesterSettings, RequestOptions } from "./request-options.js";

export { defaultBaseUrl } from "./client.js";
export * from "./errors.js";
export type { FetchInit, FetchLike, FetchResponse } from "./fetch.js";
export type { ApiKey, RequestOptions } from "./request-options.js";
export type { EventStream } from "./resources/deployments.js";
export type * from "./types.js";

export type HermOptions = Omit<RequestOptions, "signal"> &
  Partial<Pick<RequesterSettings, "apiKey" | "baseUrl" | "fetch">>;

/** The calls with the options that are the package's, and without what is the command's. */
type Calls<Resource> = {
  [Name in keyof Resource as Name extends "open" ? never : Name]: Resource[Name] extends (
    ...given: infer Given
  ) => infer Answer
    ? (
        ...given: {
          [At in keyof Given]: Required<NonNullable<Given[At]>> extends Required<CallOptions>
            ? RequestOptions
            : Given[At];
        }
      ) => Answer
    : Calls<Resource[Name]>;
};

/** The client of the Herm API in the official SDK's shape (src/api/README.md, "The SDK's shape"). */
export class Herm {
  readonly automations: Calls<HermClient["automations"]>;
  readonly deployments: Calls<HermClient["deployments"]>;
  readonly threads: Calls<HermClient["threads"]>;

  /** Throws ApiKeyError and InvalidUrlError; nothing is sent before the first call. */
  constructor(options: HermOptions = {}) {
    const env: Record<string, string | undefined> = typeof process === "undefined" ? {} : process.env;
    const { HERM_API_KEY, PRISM_API_KEY, HERM_API_URL } = env;
    const client = new HermClient({
      ...options,
      apiKey: options.apiKey ?? (HERM_API_KEY || PRISM_API_KEY),
      baseUrl: options.baseUrl ?? (HERM_API_URL || undefined),
    });
    this.automations = client.automations;
    this.deployments = client.deployments;
    this.threads = client.threads;
  }
}

export default Herm;
