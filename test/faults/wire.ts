import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { bytesOf, ExchangeAbort, type FetchResponse, startTimer } from "../../src/api/fetch.js";
import type { Road } from "./road.js";

/** A road as a server that processes reach, on which what befalls a request befalls its connection. */
export interface Wire {
  url: string;
  /** What requests go by now. */
  road: Road | undefined;
  close(): Promise<void>;
}

/** How many times faster than ours the time of those who call goes: what is committed late is so by their time. */
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

/** What only the connection itself has, or the server for its own address. */
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

/** Whose body ends too early, without the word that it has. */
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

/** As the error says: inside the headers, with an end, or with a reset. */
function breakOff({ socket }: ServerResponse, error: unknown): void {
  const { code, message } = Object(error);
  if (message === "socket hang up") socket?.destroySoon();
  else if (String(code).startsWith("HPE_"))
    socket?.write("HTTP/1.1 200 OK\r\ncontent-le", () => socket.resetAndDestroy());
  else socket?.resetAndDestroy();
}
