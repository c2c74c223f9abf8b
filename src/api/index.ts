import { signalOfCall } from "./abort.js";
import { checkOptions, HermClient } from "./client.js";
import type { FetchResponse } from "./fetch.js";
import type { CallOptions, RequesterSettings, RequestOptions } from "./request-options.js";

export { defaultBaseUrl } from "./client.js";
export * from "./errors.js";
export type { FetchInit, FetchLike, FetchResponse } from "./fetch.js";
export type { ApiKey, AttemptInfo, RequestOptions } from "./request-options.js";
export type { EventStream, RunOptions } from "./resources.js";
export type * from "./types.js";

export type HermOptions = Omit<RequestOptions, "signal"> &
  Partial<Pick<RequesterSettings, "apiKey" | "baseUrl" | "fetch" | "onAttempt">>;

/** A call's value with its response's id and headers; for a list, its first page. */
export interface WithResponse<T> {
  data: T;
  requestId: string | undefined;
  headers: FetchResponse["headers"];
}

type Answered<Answer> = Answer & { withResponse(): Promise<WithResponse<Awaited<Answer>>> };

/** The calls with the package's options, without the command's own. */
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
      ) => Name extends "run" | "stream" ? Answer : Answered<Answer>
    : Calls<Resource[Name]>;
};

/** The client of the Herm API in the official SDK's shape (src/api/README.md, "The SDK's shape"). */
export class Herm {
  readonly automations: Calls<HermClient["automations"]>;
  readonly deployments: Calls<HermClient["deployments"]>;
  readonly threads: Calls<HermClient["threads"]>;

  /** Throws TypeError, ApiKeyError and InvalidUrlError; sends no request before the first call. */
  constructor(options: HermOptions = {}) {
    checkOptions(options, [...common, "apiKey", "baseUrl", "fetch", "onAttempt"]);
    const { onAttempt } = options;
    const env: Record<string, string | undefined> = typeof process === "undefined" ? {} : process.env;
    const { HERM_API_KEY, PRISM_API_KEY, HERM_API_URL } = env;
    const client = new HermClient({
      ...options,
      apiKey: options.apiKey ?? (HERM_API_KEY || PRISM_API_KEY),
      baseUrl: options.baseUrl ?? (HERM_API_URL || undefined),
      // A failing log doesn't turn a success into a failure.
      onAttempt:
        onAttempt && ((attempt) => void new Promise((end) => end(onAttempt(attempt))).catch(() => {})),
    });
    this.automations = published(client.automations);
    this.deployments = published(client.deployments);
    this.threads = published(client.threads);
  }
}

const common = ["timeoutMs", "maxWaitMs", "maxRetries", "headers"];
const ofOneCall: Record<string, string[]> = { run: ["onEvent"], stream: ["lastEventId"] };

function published<Resource extends object>(resource: Resource): Calls<Resource> {
  const members = Object.entries(resource).filter(([name]) => name !== "open");
  const calls = members.map(([name, member]) => [
    name,
    typeof member === "function" ? publishedCall(name, member.bind(resource)) : published(member),
  ]);
  return Object.fromEntries(calls);
}

/** Checks the options, a call's last parameter, and adds the methods of `Calls`. */
function publishedCall(name: string, method: (...given: unknown[]) => object) {
  const at = method.length - 1;
  const names = [...common, "signal", ...(ofOneCall[name] ?? [])];
  return (...given: unknown[]) => {
    let came: Omit<WithResponse<unknown>, "data"> | undefined;
    const call = (more: CallOptions) => {
      const options: RequestOptions = given[at] ?? {};
      checkOptions(options, names);
      const signal = options.signal && signalOfCall(options.signal);
      return method(...Object.assign([...given], { [at]: { ...options, signal, ...more } }));
    };
    const listening: CallOptions = { onAnswer: ({ requestId }, headers) => (came = { requestId, headers }) };
    // A list sends its request when awaited, and others for later pages; other calls reject if they can't be made.
    const answer = name === "list" ? call({}) : (async () => call(listening))();
    if (name === "run" || name === "stream") return answer;
    const withResponse = async () => {
      const data = await (name === "list" ? call(listening) : answer);
      return { data, ...came };
    };
    return Object.assign(answer, { withResponse });
  };
}

export default Herm;
