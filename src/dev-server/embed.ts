/** Serves the app in this process, and manages its key. */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type App, createApp, finish, isAuthorization, type ServingHooks } from "./app.js";
import { type EngineOptions, openEngine } from "./engine.js";
import { RefusedRequest } from "./http/answers.js";
import { heartbeatMs, Streams } from "./http/sse.js";
import type { Work } from "./idleness.js";
import type { ServerFileAccess } from "./owner.js";

export interface EmbedOptions extends EngineOptions, ServingHooks {
  /** The key that requests need; default: a random key. */
  apiKey?: string | undefined;
  /** Milliseconds of silence before a stream sends a comment. Default 15 s. */
  heartbeatMs?: number;
}

export type EmbeddedServer = Awaited<ReturnType<typeof embedDevServer>>;

/**
 * A local server within this process: all of src/api/README.md, with its own data. Throws what `openStore` throws, such
 * as DataFileBusyError if another server has the data file.
 */
export async function embedDevServer(options: EmbedOptions = {}) {
  const { apiKey = newKey() } = options;
  const engine = await openEngine(options);
  const { store } = engine;
  const streams = new Streams(store, { heartbeatMs: options.heartbeatMs ?? heartbeatMs });
  const closing = new AbortController();
  const app = createApp({ ...options, engine, streams, apiKey, closing: closing.signal });
  const listeners: Listener[] = [];
  let closed: Promise<void> | undefined;
  const closeAll = async () => {
    closing.abort();
    streams.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    await engine.close();
  };
  return {
    apiKey,
    storeId: store.storeId,
    isNew: engine.isNew,
    /** The app itself, with all checks except that of `Host`, which needs a socket; call it at `http://127.0.0.1/…`. */
    fetch: app,
    /** Also serves it on 127.0.0.1; port 0, the default, means a free port. */
    listen: async ({ port = 0 }: { port?: number } = {}) => {
      const listener = await listen(app, {
        port,
        now: () => engine.clock.now(),
        hasKey: ({ headers }) => isAuthorization(headers.authorization ?? "", apiKey),
      });
      listeners.push(listener);
      return { url: listener.url };
    },
    /** Moves the server's clock: each automation that is due on the way runs, and its effects finish. */
    advance: async (seconds: number) =>
      void (await engine.scheduler.advanceTo(engine.clock.now() + seconds * 1000)),
    deploymentIds: () => store.deployments.ids(),
    look: (): Work => {
      const next = store.automations.nextDue();
      return {
        isAtWork: engine.runs.active > 0 || streams.count > 0,
        dueInMs: next && next.next_run_at - engine.clock.now(),
      };
    },
    /** Ends streams, runs, sockets and the store; a second call waits for the first. */
    close: () => {
      closed ??= closeAll();
      return closed;
    },
  };
}

const address = "127.0.0.1";

/** Milliseconds that responses in progress get to finish when the server closes. */
const closingMs = 500;

/** Milliseconds that the written part of a broken response gets to arrive. */
const lastPartMs = 500;

const unspeakable = new Set(["CONNECT", "TRACE", "TRACK"]);

interface Listener {
  url: string;
  /** Lets responses end, cuts off those that don't, and waits until the port is free. */
  close(): Promise<void>;
}

/**
 * Serves the app on 127.0.0.1 only. Port 0 uses a free port. Accepts only requests whose single `Host` is exactly
 * this address and port, and whose headers are complete within 5 s. Rejects with the system's error (`EADDRINUSE`,
 * `EACCES`).
 * @internal
 */
export async function listen(
  app: App,
  options: {
    port: number;
    now(): number;
    /** True if a request has the key, so that its connection may pipeline requests and isn't replaced by others. */
    hasKey(request: IncomingMessage): boolean;
    headersTimeoutMs?: number;
  },
): Promise<Listener> {
  const { headersTimeoutMs = 5_000 } = options;
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: 30_000,
    keepAliveTimeout: 60_000,
    connectionsCheckingInterval: headersTimeoutMs / 5,
    // The check for a wrong `Host` refuses a missing one too.
    requireHostHeader: false,
  });
  // Unlimited within 16 KiB, because Node would omit a second Host after 2,000 other headers.
  server.maxHeadersCount = 0;
  const connections = new Connections(server, options.hasKey);
  server.listen({ host: address, port: options.port });
  await once(server, "listening");
  // A connection that the system can't accept doesn't end the others.
  server.on("error", () => undefined);
  const listening = server.address();
  if (listening === null || typeof listening === "string") throw new TypeError("not a network address");
  const host = `${address}:${listening.port}`;
  let isClosing = false;
  server.on("request", (incoming, outgoing) => {
    const hungUp = connections.begin(incoming, outgoing);
    if (hungUp === undefined) return;
    outgoing.once("close", () => isClosing && server.closeIdleConnections());
    serve(app, { incoming, outgoing, hungUp, host, now: options.now }).catch(() => breakOff(outgoing));
  });
  return {
    url: `http://${host}`,
    close: async () => {
      isClosing = true;
      const timeout = setTimeout(() => server.closeAllConnections(), closingMs);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(timeout);
    },
  };
}

interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  hungUp: AbortSignal;
  host: string;
  now(): number;
}

async function serve(app: App, exchange: Exchange): Promise<void> {
  const { outgoing } = exchange;
  outgoing.sendDate = false;
  const refusal = refuseEarly(exchange);
  if (refusal) return send(finish(refusal.toResponse(), exchange.now()), outgoing);
  await send(await app(toRequest(exchange)), outgoing);
}

const wrongHost = "wrong_host";

/** Refuses a page whose name resolves to this machine, and a request meant for a proxy. */
function refuseEarly({ incoming, host }: Exchange): RefusedRequest | undefined {
  const hosts = incoming.rawHeaders.filter(
    (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === "host",
  );
  if (hosts.length !== 1 || hosts[0] !== host)
    return new RefusedRequest(403, `only requests to http://${host} are served`, {}, wrongHost);
  if (!incoming.url?.startsWith("/")) return new RefusedRequest(400, "the request target must be a path");
  if (unspeakable.has(incoming.method ?? ""))
    return new RefusedRequest(405, `${incoming.method} is not allowed here`);
  return undefined;
}

function toRequest({ incoming, host, hungUp }: Exchange): Request {
  const headers = new Headers();
  const raw = incoming.rawHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2)
    headers.append(raw[index] ?? "", raw[index + 1] ?? "");
  const hasBody = headers.has("content-length") || headers.has("transfer-encoding");
  const { method = "GET", url = "/" } = incoming;
  return new Request(`http://${host}${url}`, {
    method,
    headers,
    signal: hungUp,
    ...(hasBody && method !== "GET" && method !== "HEAD" ? { body: readBody(incoming), duplex: "half" } : {}),
  });
}

/** Reads from the request only when its body is wanted, because Node discards a body never read. */
async function* readBody(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  yield* incoming.iterator({ destroyOnReturn: false });
}

/** Writes the response as fast as the client reads it; a failing body leaves it visibly incomplete. */
async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!response.body) return void outgoing.end();
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  const stopReading = () => void reader.cancel().catch(() => undefined);
  outgoing.once("close", stopReading);
  // Not only at the next read, because a client that doesn't read would never be disconnected.
  reader.closed.catch(() => breakOff(outgoing));
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (!outgoing.write(next.value)) await drained(outgoing);
    }
    outgoing.end();
  } finally {
    outgoing.off("close", stopReading);
  }
}

/** Closes the connection; earlier output may still arrive if the client reads it. */
function breakOff(outgoing: ServerResponse): void {
  // Node passes written data to the socket at the end of this turn, so the socket is closed one turn later.
  setImmediate(() => outgoing.socket?.destroySoon());
  setTimeout(() => outgoing.destroy(), lastPartMs).unref();
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      outgoing.off("drain", go).off("close", go);
      resolve();
    };
    outgoing.once("drain", go).once("close", go);
  });
}

const mostConnections = 128;

interface Pending {
  hasKey: boolean;
  hungUp: AbortController;
}

/**
 * Keeps at most 128 connections: a new one replaces the oldest without an authorised request, so that clients that send
 * slowly or not at all, or don't read, can't keep others out. If all are busy, the new one is refused.
 */
class Connections {
  readonly #pending = new Map<Socket, Set<Pending>>();

  constructor(
    server: Server,
    private readonly hasKey: (request: IncomingMessage) => boolean,
  ) {
    server.on("connection", (socket: Socket) => this.#accept(socket));
  }

  /**
   * Registers a request until its response is written, and returns a signal that aborts if the client hangs up
   * before. Undefined if its connection is closed: the request must not be answered. That includes an unauthorised
   * request while another response is pending: a client that doesn't read could otherwise continue forever.
   */
  begin(incoming: IncomingMessage, outgoing: ServerResponse): AbortSignal | undefined {
    const { socket } = incoming;
    const pending = this.#pending.get(socket);
    if (pending === undefined) return undefined;
    const request = { hasKey: this.hasKey(incoming), hungUp: new AbortController() };
    if (pending.size > 0 && !request.hasKey) {
      this.#drop(socket);
      return undefined;
    }
    pending.add(request);
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) request.hungUp.abort();
      // A turn later, because Bun delivers simultaneous requests one by one, each after the previous response.
      setImmediate(() => pending.delete(request));
    });
    return request.hungUp.signal;
  }

  #accept(socket: Socket): void {
    if (this.#pending.size >= mostConnections) {
      const oldest = [...this.#pending].find(([, requests]) => ![...requests].some(({ hasKey }) => hasKey));
      this.#drop(oldest?.[0] ?? socket);
    }
    if (socket.destroyed) return;
    const pending = new Set<Pending>();
    this.#pending.set(socket, pending);
    socket.once("close", () => {
      this.#pending.delete(socket);
      // A response still waiting for its turn isn't notified when the connection ends.
      for (const { hungUp } of pending) hungUp.abort();
    });
  }

  #drop(socket: Socket): void {
    this.#pending.delete(socket);
    socket.destroy();
  }
}

/** Makes a key for a local server, which is valid nowhere else. */
function newKey(): string {
  return `herm_dev_${randomBytes(24).toString("base64url")}`;
}

/** Returns the file's key; writes a new key if it is missing or incomplete. */
export function loadOrCreateKey(files: ServerFileAccess, path: string): Promise<string> {
  return files.withLock(path, () => {
    const saved = files.read(path)?.trim();
    if (saved !== undefined && isKey(saved)) return saved;
    const key = newKey();
    files.write(path, `${key}\n`);
    return key;
  });
}

/** True for printable ASCII without spaces, which can be sent as a key. */
export function isKey(text: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(text);
}
