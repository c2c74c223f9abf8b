import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import { ConnectionError } from "./errors.js";
import type { FetchAnswer, FetchInit, FetchLike } from "./fetch.js";
import { assertSendable } from "./urls.js";

export interface TransportOptions {
  /** The agent for a URL, such as a proxy's; undefined: the transport's own, which keeps connections. */
  agentFor?(url: URL): Agent | undefined | Promise<Agent | undefined>;
  /** How long a new connection may take; default 10 s. Past it the request provably never arrived. */
  connectTimeoutMs?: number;
}

/** A connection idle for longer is closed: servers close theirs after about 5 s, and a request on a dying one is lost. */
const idleMs = 4_000;

/**
 * The client's own transport: node:http or node:https, whichever the URL needs, with connections kept. It follows no
 * redirect. Rejects with InvalidUrlError before any look-up, with the system's error, or with the signal's reason.
 */
export function createTransport(options: TransportOptions = {}): FetchLike {
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const agents = new Map<string, Agent>();
  const http = kept(() => import("node:http"));
  const https = kept(() => import("node:https"));

  return async (address, init) => {
    const url = new URL(address);
    assertSendable(url);
    const library = url.protocol === "https:" ? await https() : await http();
    let agent = await options.agentFor?.(url);
    agent ??= agents.get(url.protocol);
    if (agent === undefined) {
      agent = new library.Agent({ keepAlive: true, timeout: idleMs });
      agents.set(url.protocol, agent);
    }
    init.signal?.throwIfAborted();
    return send({ request: library.request, url, init, agent, connectTimeoutMs });
  };
}

/** In the bundle each `import()` copies every export of a module: once is enough. */
function kept<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** What an agent is told of a request that it is to connect. */
export interface SendingOptions extends RequestOptions {
  /** Aborts with the request. Node keeps `signal` from agents, and takes a tenth of a request's time for it. */
  connectSignal?: AbortSignal;
}

interface Sending {
  request: typeof import("node:http").request;
  url: URL;
  init: FetchInit;
  agent: Agent;
  connectTimeoutMs: number;
}

function send({ request, url, init, agent, connectTimeoutMs }: Sending): Promise<FetchAnswer> {
  return new Promise((resolve, reject) => {
    const { signal } = init;
    const options: SendingOptions = {
      method: init.method,
      headers: headersOf(init),
      agent,
      connectSignal: signal,
    };
    init.onConnecting?.();
    const sent = request(url, options);
    const connectTimer = setTimeout(() => {
      sent.destroy(
        new ConnectionError(`${url.host}: no connection in time`, {
          code: "CONNECT_TIMEOUT",
          neverArrived: true,
        }),
      );
    }, connectTimeoutMs);
    const onConnected = () => {
      clearTimeout(connectTimer);
      init.onConnected?.();
    };
    sent.once("socket", (socket) => {
      // A kept connection, or one that an agent hands over ready, may carry the request at once; not so a tunnel
      // whose other end hasn't proved yet who it is.
      const isSecuring = "secureConnecting" in socket && socket.secureConnecting === true;
      if (sent.reusedSocket || !(socket.connecting || isSecuring)) return onConnected();
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", onConnected);
    });
    sent.once("response", (response) => resolve(answerOf(response)));
    const abort = () => void sent.destroy(new Error("aborted"));
    signal?.addEventListener("abort", abort, { once: true });
    sent.once("close", () => {
      clearTimeout(connectTimer);
      signal?.removeEventListener("abort", abort);
    });
    sent.on("error", (error) => reject(signal?.aborted === true ? signal.reason : error));
    sent.end(init.body);
  });
}

function headersOf(init: FetchInit): Record<string, string | number> {
  if (init.body === undefined) return init.headers;
  return { ...init.headers, "content-length": Buffer.byteLength(init.body) };
}

function answerOf(response: IncomingMessage): FetchAnswer {
  // Without a listener Node forgets how a body broke off that nobody reads at that moment.
  response.on("error", () => {});
  return {
    status: response.statusCode ?? 0,
    headers: {
      get(name) {
        const value = response.headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
    },
    body: { [Symbol.asyncIterator]: () => bytesOf(response) },
  };
}

/** The body's bytes as they come, read only when they are asked for; leaving closes the connection. */
function bytesOf(response: IncomingMessage): AsyncIterator<Uint8Array, undefined> {
  let wake: (() => void) | undefined;
  const look = () => {
    wake?.();
    wake = undefined;
  };
  for (const event of ["readable", "end", "error", "close"]) response.on(event, look);
  return {
    next: async () => {
      for (;;) {
        const bytes: Uint8Array | null = response.destroyed ? null : response.read();
        if (bytes !== null) return { done: false, value: bytes };
        if (response.errored) throw response.errored;
        if (response.readableEnded) return { done: true, value: undefined };
        if (response.destroyed) throw Object.assign(new Error("aborted"), { code: "ECONNRESET" });
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    return: () => {
      response.destroy();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
