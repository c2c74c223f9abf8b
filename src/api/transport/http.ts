/** The transport on Node's http, and its response. */

import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Readable } from "node:stream";
import { urlToHttpOptions } from "node:url";
import { ConnectionError, UnexpectedAnswerError } from "../errors.js";
import {
  assertSendable,
  bytesOf,
  type FetchInit,
  type FetchLike,
  type FetchResponse,
  type PushBody,
  type RequestWatch,
} from "../fetch.js";

interface TransportOptions {
  /** The agent for an origin, such as a proxy's; undefined: the transport's own. Called once for each. */
  agentFor?(url: URL): Agent | undefined | Promise<Agent | undefined>;
  /** Limit for a new connection; default 10 s. If it is exceeded, the request provably never arrived. */
  connectTimeoutMs?: number;
}

/** Limit for an idle connection: servers close theirs after about 5 s, and a request sent while they do is lost. */
export const idleMs = 4_000;

/**
 * The command's transport: node:http or node:https, depending on the URL, with reused connections. Doesn't follow
 * redirects. `address` is a URL's `href`. Rejects with InvalidUrlError before any lookup, with the system's error, or
 * with the watch's reason.
 */
export function createTransport(options: TransportOptions = {}): FetchLike {
  const { connectTimeoutMs = 10_000 } = options;
  const endpoints = new Map<string, Promise<Endpoint>>();
  const endpointOf = (origin: string) => {
    const opening = endpoints.get(origin) ?? openEndpoint(new URL(origin), { ...options, connectTimeoutMs });
    endpoints.set(origin, opening);
    // A failure is retried.
    opening.catch(() => endpoints.delete(origin));
    return opening;
  };
  // There is usually only one origin, and parsing its URL again would take a tenth of a request's time.
  let known: Endpoint | undefined;
  const transport = async (address: string, init: FetchInit) => {
    const last = known;
    const endpoint = last && address.startsWith(last.prefix) ? last : await endpointOf(originOf(address));
    known = endpoint;
    return send(endpoint, address.slice(endpoint.prefix.length - 1), init);
  };
  return Object.assign(transport, { isWatching: true });
}

function originOf(address: string): string {
  const url = new URL(address);
  assertSendable(url);
  return url.origin;
}

interface Endpoint {
  prefix: string;
  host: string;
  request: typeof import("node:http").request;
  options: SendingOptions;
  readyEvent: "connect" | "secureConnect";
  connectTimeoutMs: number;
}

async function openEndpoint(
  origin: URL,
  { agentFor, connectTimeoutMs }: TransportOptions & { connectTimeoutMs: number },
): Promise<Endpoint> {
  const isSecure = origin.protocol === "https:";
  const { Agent, request } = isSecure ? await import("node:https") : await import("node:http");
  const { protocol, hostname, port } = urlToHttpOptions(origin);
  const agent = (await agentFor?.(origin)) ?? new Agent({ keepAlive: true, timeout: idleMs });
  return {
    prefix: `${origin.origin}/`,
    host: origin.host,
    request,
    options: { protocol, hostname, port, agent },
    readyEvent: isSecure ? "secureConnect" : "connect",
    connectTimeoutMs,
  };
}

export interface SendingOptions extends RequestOptions {
  /** Node doesn't pass `signal` to agents. */
  watch?: RequestWatch;
}

function send(endpoint: Endpoint, path: string, init: FetchInit): Promise<FetchResponse> {
  const { method, headers, body, watch } = init;
  return new Promise((resolve, reject) => {
    if (watch.isOver) throw watch.reason;
    watch.connecting();
    const sent = endpoint.request(Object.assign({ path, method, headers, watch }, endpoint.options));
    // A reused connection may carry the request immediately.
    if (sent.reusedSocket) watch.connected();
    else watchConnecting(sent, endpoint, watch);
    watch.destroyAtEnd(sent);
    sent.on("response", (response) => resolve(answerOf(response)));
    // Node reports a response that switches protocols only to a listener.
    sent.on("upgrade", ({ statusCode: status = 0 }, socket) => {
      socket.destroy();
      reject(new UnexpectedAnswerError(`the API answered ${status} and switched protocols`, { status }));
    });
    sent.on("error", (error) => reject(watch.isOver ? watch.reason : error));
    sent.end(body);
  });
}

/** Reports when the new connection is ready, and ends a request that takes too long to connect. */
function watchConnecting(sent: ClientRequest, endpoint: Endpoint, watch: RequestWatch): void {
  const timer = setTimeout(() => {
    const message = `${endpoint.host}: the connection timed out`;
    sent.destroy(new ConnectionError(message, { code: "CONNECT_TIMEOUT", neverArrived: true }));
  }, endpoint.connectTimeoutMs);
  const ready = () => {
    clearTimeout(timer);
    watch.connected();
  };
  sent.once("socket", (socket) => {
    // A connection that an agent returns ready may carry the request immediately, but not a tunnel whose other end
    // hasn't authenticated itself yet.
    const isSecuring = "secureConnecting" in socket && socket.secureConnecting === true;
    if (!(socket.connecting || isSecuring)) ready();
    else socket.once(endpoint.readyEvent, ready);
  });
  sent.once("close", () => clearTimeout(timer));
}

/** A response whose body is read on demand, and decoded if encoded. */
function answerOf(response: IncomingMessage): FetchResponse {
  // Without a listener, Node loses the error of an unread body that is cut off.
  response.on("error", () => {});
  return {
    status: response.statusCode ?? 0,
    headers: {
      get(name) {
        const value = response.headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
    },
    body: bodyOf(response),
  };
}

function bodyOf(response: IncomingMessage): FetchResponse["body"] {
  const coding = codingOf(response.headers["content-encoding"]);
  return coding === undefined
    ? new ResponseBody(response)
    : decodedLater(response, { coding, status: response.statusCode ?? 0 });
}

export function withDecodedBody(answer: FetchResponse): FetchResponse {
  const coding = codingOf(answer.headers.get("content-encoding"));
  if (coding === undefined) return answer;
  const { status, headers } = answer;
  const bytes = { [Symbol.asyncIterator]: () => bytesOf(answer.body) };
  return { status, headers, body: decodedLater(bytes, { coding, status }) };
}

function codingOf(header: string | null | undefined): string | undefined {
  const coding = header?.trim().toLowerCase() ?? "";
  return coding === "" || coding === "identity" ? undefined : coding;
}

/** Loads the decoder on demand, because `Accept-Encoding: identity` requests no coding. */
async function* decodedLater(
  body: Readable | AsyncIterable<Uint8Array>,
  encoding: { coding: string; status: number },
): AsyncGenerator<Uint8Array> {
  const { decoded } = await import("./decode.js");
  yield* decoded(body, encoding);
}

class ResponseBody implements PushBody, AsyncIterator<Uint8Array, undefined> {
  #wake: (() => void) | undefined;
  #isWatched = false;

  constructor(private readonly response: IncomingMessage) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(take: (bytes: Uint8Array) => void): Promise<void> {
    const response = this.response;
    return new Promise((resolve, reject) => {
      const lost = () => {
        if (!response.readableEnded) reject(lossOf(response));
      };
      if (response.destroyed) return lost();
      response.on("end", resolve);
      response.on("close", lost);
      response.on("data", take);
    });
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const response = this.response;
    this.#watch();
    for (;;) {
      const bytes = response.destroyed ? null : readAll(response);
      if (bytes !== null) return { done: false, value: bytes };
      if (response.errored) throw response.errored;
      if (response.readableEnded) return { done: true, value: undefined };
      if (response.destroyed) throw lossOf(response);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<{ done: true; value: undefined }> {
    this.response.destroy();
    return { done: true, value: undefined };
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const look = () => this.#wake?.();
    for (const event of ["readable", "end", "error", "close"]) this.response.on(event, look);
  }
}

/**
 * Reads all bytes that have arrived: Node's `read` returns them at once, Bun's one chunk at a time. Never requests more
 * than the high-water mark, because that would raise the mark and slow down later reads.
 */
function readAll(response: IncomingMessage): Uint8Array | null {
  const { readableLength, readableHighWaterMark } = response;
  const isFew = readableLength > 0 && readableLength <= readableHighWaterMark;
  return isFew ? response.read(readableLength) : response.read();
}

function lossOf({ errored }: IncomingMessage): Error {
  return errored ?? Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}
