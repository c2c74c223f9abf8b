import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createRawServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type ClientOptions, HermClient } from "../../src/api/client.js";
import type { StartTimer } from "../../src/api/fetch.js";
import { RetryBudget } from "../../src/api/retry/retry.js";
import { ownTransport } from "../support/runtime-transport.js";

interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export type Answerer = (response: ServerResponse, request: SeenRequest) => void;

export interface ScriptedServer {
  url: string;
  /** The requests that arrived whole, in order. */
  seen: SeenRequest[];
  /** The number of connections made. */
  connections: number;
  close(): void;
}

/**
 * A server that answers each request with the next response in the script, and repeats the last. It ends with the test.
 */
export function scriptedServer(...script: Answerer[]): Promise<ScriptedServer> {
  return serveScript(createServer(), script);
}

/** The same over TLS, at https://127.0.0.1. */
export async function secureScriptedServer(
  tls: { cert: string; key: string },
  ...script: Answerer[]
): Promise<ScriptedServer> {
  const scripted = await serveScript(createSecureServer(tls), script);
  scripted.url = scripted.url.replace("http:", "https:");
  return scripted;
}

async function serveScript(server: Server, script: Answerer[]): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const seen = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      };
      scripted.seen.push(seen);
      script[Math.min(scripted.seen.length, script.length) - 1]?.(response, seen);
    });
  });
  const scripted: ScriptedServer = { url: "", seen: [], connections: 0, close };
  server.on("connection", (socket) => {
    scripted.connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  function close(): void {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
  scripted.url = await listening(server);
  onTestFinished(close);
  return scripted;
}

/** A server that doesn't speak HTTP, and only calls `onConnection`. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createRawServer((socket) => {
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : address}`);
    });
  });
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answerer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answerer {
  return (response) => response.writeHead(status, headers).end(body);
}

/** The connection breaks off once the request has been read, without a byte of a response. */
export const reset: Answerer = (response) => response.socket?.resetAndDestroy();

/** Time limits that end when the test says so, such as once the server has a request, however slow the machine is. */
export function manualLimits(): { timer: StartTimer; pass(): void } {
  const armed = new Set<() => void>();
  return {
    timer(_ms, fire) {
      armed.add(fire);
      return () => armed.delete(fire);
    },
    pass() {
      for (const fire of [...armed]) fire();
    },
  };
}

/** A port on which nothing listens, and which isn't given to another program during the test. */
export const closedUrl = "http://127.0.0.1:2";

export interface TestClient {
  herm: HermClient;
  /** All waits that the client requested. */
  sleptMs: number[];
  attempts: string[];
}

/** A client that doesn't wait: each wait passes at once, on its own clock. */
export function testClient(baseUrl: string, options: ClientOptions = {}): TestClient {
  let nowMs = Date.UTC(2026, 0, 5, 12);
  const sleptMs: number[] = [];
  const attempts: string[] = [];
  const herm = new HermClient({
    apiKey: "key_of_the_tests",
    baseUrl,
    version: "1.2.3",
    retryBudget: new RetryBudget(),
    random: () => 0.5,
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleptMs.push(ms);
      nowMs += ms;
    },
    onAttempt: ({ method, attempt, status, failure, delayMs }) => {
      const name = failure instanceof Error ? ` ${failure.name}` : "";
      attempts.push(
        `${method} ${attempt} ${status ?? "-"}${name}${delayMs === undefined ? "" : ` +${delayMs}`}`,
      );
    },
    ...options,
    fetch: options.fetch ?? ownTransport(),
  });
  return { herm, sleptMs, attempts };
}

/** The outcome of a call: `ok`, or what it threw. */
export function outcomeOf(work: PromiseLike<unknown>): PromiseLike<unknown> {
  return work.then(
    () => "ok",
    (error: unknown) => error,
  );
}
