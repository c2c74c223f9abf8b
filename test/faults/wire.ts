import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { bytesOf, ExchangeAbort, type FetchResponse, startTimer } from "../../src/api/fetch.js";
import type { Road } from "./road.js";

/** A road as a server for other processes, on which a request's fault hits its connection. */
export interface Wire {
  url: string;
  /** The road that requests use now. */
  road: Road | undefined;
  close(): Promise<void>;
}

/** How much faster than ours the callers' clocks run, which late commits follow. */
const quicker = 20;
const tickMs = 10;

export async function openWire(): Promise<Wire> {
  const server = createServer((request, response) => void carry(wire.road, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const ticking = setInterval(() => void wire.road?.sleep(tickMs * quicker), tickMs);
  const wire: Wire = {
    url: `http://127.0.0.1:${port}`,
    road: undefined,
    close: async () => {
      clearInterval(ticking);
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return wire;
}

/** Headers that belong to the connection itself, or to the server's own address. */
const ownHeaders = new Set(["host", "connection", "content-length", "transfer-encoding"]);

async function carry(road: Road | undefined, request: IncomingMessage, response: ServerResponse) {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const entries = Object.entries(request.headers).filter(([name]) => !ownHeaders.has(name));
  try {
    if (road === undefined) throw new Error("nobody was expected");
    const answer = await road.fetch(`http://127.0.0.1${request.url}`, {
      method: request.method ?? "GET",
      headers: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])),
      ...(parts.length === 0 ? {} : { body: Buffer.concat(parts).toString("utf8") }),
      signal: gone.signal,
      watch: new ExchangeAbort(undefined, startTimer),
      redirect: "manual",
    });
    await write(answer, response, { isCut: road.passages.some(isCutShort(request)) });
  } catch (error) {
    breakOff(response, error);
  }
}

/** A body that ends too early, without the mark for its end. */
function isCutShort({ method, url }: IncomingMessage) {
  const path = new URL(url ?? "/", "http://127.0.0.1").pathname;
  return (passage: Road["passages"][number]) =>
    passage.fault === "body cut by its end" && passage.method === method && passage.path === path;
}

const kept = ["content-type", "retry-after", "date", "x-request-id"];

async function write(
  { status, headers, body }: FetchResponse,
  response: ServerResponse,
  { isCut }: { isCut: boolean },
): Promise<void> {
  for (const name of kept) {
    const value = headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  response.writeHead(status);
  response.flushHeaders();
  if (body !== null) {
    const bytes = bytesOf(body);
    for (let step = await bytes.next(); step.done !== true; step = await bytes.next())
      response.write(step.value);
  }
  if (isCut) response.socket?.destroySoon();
  else response.end();
}

/** As the error requires: inside the headers, with a clean end, or with a reset. */
function breakOff({ socket }: ServerResponse, error: unknown): void {
  const { code, message } = Object(error);
  if (message === "socket hang up") socket?.destroySoon();
  else if (String(code).startsWith("HPE_"))
    socket?.write("HTTP/1.1 200 OK\r\ncontent-le", () => socket.resetAndDestroy());
  else socket?.resetAndDestroy();
}
