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
  /** Answers of a server that come by `otherwise` first: whoever asks for no more is as fast without `fetch`. */
  firstAnswers?: number;
  monotonic?(): number;
}

/**
 * A transport for an executable with Bun, whose node:http takes five times what its own `fetch` does for a request. That
 * one tells nothing of the connection, so it is for a server that answers: the first requests, those after a failure and
 * those after a pause, in which connections die, go by `otherwise`, which tells how far a request got. So does everything
 * for a server whose answers `fetch` finds odd. Where a kept connection dies `fetch` sends a GET and a DELETE anew by
 * itself, a POST and a PATCH never (test/api/raw-answers.test.ts): so a DELETE isn't for it, and no change is sent again
 * but by our own rules. Nor is a stream for it. `fetch` must take no proxy of its own choice.
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
    super("the answer isn't HTTP", { cause });
  }
}

function originOf(url: string): string {
  return url.slice(0, url.indexOf("/", url.indexOf("//") + 2));
}

const methods = new Set(["GET", "PATCH", "POST"]);

function canFetch({ method, headers }: FetchInit): boolean {
  return methods.has(method) && headers.accept === "application/json";
}

/** Rejects as a connection does, because the request is to end, or with OddAnswerError. */
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

/** Size of a body that comes with the head, or hardly later: all of it has the time of one byte (OpenResponse). */
const shortBytes = 16 * 1024;

function isShort({ headers }: FetchResponse): boolean {
  const length = headers.get("content-length");
  // A chunked body may be longer than `content-length`.
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
