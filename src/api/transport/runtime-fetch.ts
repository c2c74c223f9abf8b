import { connectionCodeOf } from "../errors.js";
import { bytesOf, type FetchInit, type FetchLike, type FetchResponse, type PushBody } from "../fetch.js";
import { idleMs, withDecodedBody } from "./http.js";

export type RuntimeFetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string | undefined;
    signal: AbortSignal;
    redirect: "manual";
    decompress: false;
  },
) => Promise<RuntimeAnswer>;

interface RuntimeAnswer extends FetchResponse {
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface RuntimeTransportOptions {
  /** The number of responses that must first come through `otherwise`: short commands gain nothing from `fetch`. */
  firstAnswers?: number;
  monotonic?(): number;
}

/**
 * A transport for an executable with Bun, whose node:http takes five times as long as its own `fetch`. That `fetch`
 * doesn't report a request's progress, so it is used only while the server responds. The first requests, and those
 * after a failure or a pause, when connections die, use `otherwise`, as do all requests to a server whose responses
 * `fetch` can't read. If a reused connection dies, `fetch` itself resends a GET or DELETE, but never a POST or PATCH
 * (test/api/raw-answers.test.ts). So DELETEs don't use it, because only our own rules may resend a change. Nor do
 * streams, and it must not choose a proxy itself.
 */
export function createRuntimeTransport(
  fetch: RuntimeFetch,
  otherwise: FetchLike,
  { firstAnswers = 2, monotonic = () => performance.now() }: RuntimeTransportOptions = {},
): FetchLike {
  const servers = new Map<string, Server>();
  const transport = async (url: string, init: FetchInit): Promise<FetchResponse> => {
    const origin = originOf(url);
    const server = servers.get(origin) ?? { answers: 0, newestMs: 0, isOdd: false };
    servers.set(origin, server);
    if (monotonic() - server.newestMs > idleMs) server.answers = 0;
    const isForFetch = server.answers >= firstAnswers && !server.isOdd && canFetch(init);
    try {
      const answer = await (isForFetch ? sendByFetch(fetch, url, init) : otherwise(url, init));
      server.answers += 1;
      server.newestMs = monotonic();
      return answer;
    } catch (fault) {
      server.answers = 0;
      if (!(fault instanceof OddAnswerError)) throw fault;
      server.isOdd = true;
      if (init.method === "GET") return otherwise(url, init);
      throw fault;
    }
  };
  return Object.assign(transport, { isWatching: true });
}

interface Server {
  answers: number;
  newestMs: number;
  isOdd: boolean;
}

class OddAnswerError extends Error {
  constructor(cause: unknown) {
    super("the response isn't HTTP", { cause });
  }
}

function originOf(url: string): string {
  return url.slice(0, url.indexOf("/", url.indexOf("//") + 2));
}

const methods = new Set(["GET", "PATCH", "POST"]);

function canFetch({ method, headers }: FetchInit): boolean {
  return methods.has(method) && headers.accept === "application/json";
}

/** Rejects with the cause if the request is ended or the connection breaks, otherwise with OddAnswerError. */
async function sendByFetch(
  fetch: RuntimeFetch,
  url: string,
  { method, headers, body, watch }: FetchInit,
): Promise<FetchResponse> {
  const ending = new AbortController();
  watch.destroyAtEnd({ destroy: (reason) => ending.abort(reason) });
  try {
    const { signal } = ending;
    const answer = await fetch(url, { method, headers, body, signal, redirect: "manual", decompress: false });
    if (answer.headers.get("content-encoding") !== null) return withDecodedBody(answer);
    const { status, headers: fields } = answer;
    return isShort(answer) ? { status, headers: fields, body: new WholeBody(answer) } : answer;
  } catch (fault) {
    const isLost = watch.isOver || connectionCodeOf(fault) !== undefined;
    throw isLost ? fault : new OddAnswerError(fault);
  }
}

/** Size of a body that arrives with the head, or shortly after; it gets the time limit for one byte (OpenResponse). */
const shortBytes = 16 * 1024;

function isShort({ headers }: FetchResponse): boolean {
  const length = headers.get("content-length");
  // A chunked body may exceed `content-length`.
  return length !== null && Number(length) <= shortBytes && headers.get("transfer-encoding") === null;
}

class WholeBody implements PushBody {
  #isGiven = false;

  constructor(private readonly answer: RuntimeAnswer) {}

  async push(take: (bytes: Uint8Array) => void): Promise<void> {
    this.#isGiven = true;
    take(Buffer.from(await this.answer.arrayBuffer()));
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return bytesOf(this.#isGiven ? null : this.answer.body);
  }
}
