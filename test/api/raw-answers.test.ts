import type { Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { createTransport } from "../../src/api/transport/http.js";
import { runtimeTransport } from "../support/runtime-transport.js";
import { rawServer, testClient } from "./scripted-server.js";

/** Responses given byte by byte: only a complete response shows whether a create took effect. */

const fields = { name: "W", schedule: "0 9 * * 1", instructions: "I" };
const body = JSON.stringify({ automation_id: "auto_1", ...fields });
const whole = `content-length: ${body.length}\r\n`;
const chunked = "transfer-encoding: chunked\r\n";
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

interface Bytes {
  status?: string;
  headers?: string;
  content?: string | Buffer;
}

function answer({ status = "HTTP/1.1 200 OK", headers = whole, content = body }: Bytes = {}): Buffer {
  return Buffer.concat([Buffer.from(`${status}\r\n${headers}\r\n`), Buffer.from(content)]);
}

function encoded(coding: string, content: Buffer): Buffer {
  return answer({ headers: `content-encoding: ${coding}\r\ncontent-length: ${content.length}\r\n`, content });
}

/** Writes and closes, or writes and resets the connection once that has been read. */
const closing = (bytes: string | Buffer) => (socket: Socket) => void socket.end(bytes);
const resetting = (bytes: string | Buffer) => (socket: Socket) => {
  socket.write(bytes);
  setTimeout(() => socket.resetAndDestroy(), 20);
};
const open = (bytes: string | Buffer) => (socket: Socket) => void socket.write(bytes);

const gzipped = gzipSync(body);
const brotli = brotliCompressSync(body);
const early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";

const taken: [name: string, respond: (socket: Socket) => void][] = [
  ["a body of the stated length", open(answer())],
  ["a body sent seven bytes at a time", (socket) => void writeSlowly(socket, answer())],
  ["a body longer than stated", open(answer({ content: `${body}XXXXX` }))],
  ["two responses", open(Buffer.concat([answer(), answer({ content: body.replace("W", "Z") })]))],
  [
    "chunks",
    open(answer({ headers: chunked, content: `${chunk(body.slice(0, 9))}${chunk(body.slice(9))}0\r\n\r\n` })),
  ],
  ["chunks and a trailer", open(answer({ headers: chunked, content: `${chunk(body)}0\r\nx-t: 1\r\n\r\n` }))],
  ["a body until the connection closes", closing(answer({ headers: "connection: close\r\n" }))],
  ["HTTP/1.0 without a length", closing(answer({ status: "HTTP/1.0 200 OK", headers: "" }))],
  ["several interim responses before the final one", open(Buffer.concat([Buffer.from(early), answer()]))],
  ["gzip", open(encoded("gzip", gzipped))],
  ["brotli", open(encoded("br", brotli))],
  ["a response after empty lines", open(Buffer.concat([Buffer.from("\r\n\r\n"), answer()]))],
  ["15 KB of headers", open(answer({ headers: `${whole}x: ${"a".repeat(15_000)}\r\n` }))],
];

const unknown: typeof taken = [
  ["a closed connection", closing("")],
  ["a reset connection", (socket) => socket.resetAndDestroy()],
  ["half a status line", closing("HTTP/1.1 20")],
  ["half a status line, reset", resetting("HTTP/1.1 20")],
  ["half of the headers", closing("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")],
  ["half of the headers, reset", resetting("HTTP/1.1 200 OK\r\ncontent-type: appl")],
  ["headers without a body", closing(answer({ content: "" }))],
  ["headers without a body, reset", resetting(answer({ content: "" }))],
  ["half of the body", closing(answer({ content: body.slice(0, 20) }))],
  ["half of the body, reset", resetting(answer({ content: body.slice(0, 20) }))],
  ["a body shorter than stated", closing(answer({ headers: `content-length: ${body.length + 5}\r\n` }))],
  ["chunks without an end", closing(answer({ headers: chunked, content: chunk(body) }))],
  ["chunks without an end, reset", resetting(answer({ headers: chunked, content: chunk(body) }))],
  ["chunks and half an end", closing(answer({ headers: chunked, content: `${chunk(body)}0\r\n` }))],
  ["half a chunk", closing(answer({ headers: chunked, content: chunk(body).slice(0, 20) }))],
  [
    "a chunk with an invalid length",
    closing(answer({ headers: chunked, content: `zz\r\n${body}\r\n0\r\n\r\n` })),
  ],
  ["half a body until the connection closes", closing(answer({ headers: "", content: body.slice(0, 20) }))],
  ["half of a gzipped body", closing(encoded("gzip", gzipped).subarray(0, -9))],
  ["gzip without its end, of the stated length", open(encoded("gzip", gzipped.subarray(0, -4)))],
  ["brotli without its end", open(encoded("br", brotli.subarray(0, -3)))],
  ["an invalid gzip body", open(encoded("gzip", Buffer.from(body)))],
  ["two lengths", open(answer({ headers: `${whole}content-length: 5\r\n` }))],
  ["a negative length", closing(answer({ headers: "content-length: -1\r\n" }))],
  [
    "a length and chunks",
    open(answer({ headers: `${whole}${chunked}`, content: `${chunk(body)}0\r\n\r\n` })),
  ],
  ["204", open("HTTP/1.1 204 No Content\r\n\r\n")],
  [
    "a switch to another protocol",
    open("HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\nPRI"),
  ],
  ["an interim response alone", closing(early)],
  ["an interim response and a reset", resetting(early)],
  ["something other than HTTP", closing("220 mail.example ESMTP\r\n")],
  ["a body without a head", closing(body)],
  ["a header name that contains a space", open(answer({ headers: `${whole}x y: 1\r\n` }))],
  ["a NUL in a header", open(answer({ headers: `${whole}x: 1\x002\r\n` }))],
  ["100 KB of headers", open(answer({ headers: `${whole}x: ${"a".repeat(100_000)}\r\n` }))],
];

async function writeSlowly(socket: Socket, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += 7) {
    socket.write(bytes.subarray(at, at + 7));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The URL of a server that answers each complete request with this, and the number of requests. */
async function answering(respond: (socket: Socket) => void) {
  let requests = 0;
  const port = await rawServer((socket) => {
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      const [head, sent] = text.split("\r\n\r\n");
      if (head === undefined || sent === undefined) return;
      if (sent.length < Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)) return;
      text = "";
      requests += 1;
      respond(socket);
    });
  });
  return { url: `http://127.0.0.1:${port}`, requests: () => requests };
}

/** Creates an automation on a server that answers each complete request with this. */
async function create(respond: (socket: Socket) => void) {
  const server = await answering(respond);
  const { herm, attempts } = testClient(server.url);
  const outcome = await herm.automations.create("dep_1", fields).then(
    ({ name }) => name,
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
  return { outcome, requests: server.requests(), attempts: attempts.length };
}

/** The name that a read finds, or its error's. */
async function readBy(fetch: FetchLike, respond: (socket: Socket) => void) {
  const { url } = await answering(respond);
  const { herm } = testClient(url, { fetch, maxRetries: 0, timeoutMs: 2_000 });
  return herm.automations.get("dep_1", "auto_1").then(
    ({ name }) => name,
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}

/** Responses that the `fetch` of some runtime accepts, in which the whole object has arrived. */
const passed = new Set([
  "chunks and half an end",
  "a length and chunks",
  "100 KB of headers",
  "a header name that contains a space",
]);

/** Bun's `fetch` can't read these, so a create that took effect is looked for. */
const refused = new Set(process.versions.bun === undefined ? [] : ["a response after empty lines"]);

/** Node's `fetch` itself decodes these, by its own rules. */
const isForFetch = ([name]: (typeof taken)[number]) =>
  process.versions.bun !== undefined || !/gzip|brotli/.test(name);

describe("a read through the runtime's own fetch", () => {
  it.each([...taken, ...unknown].filter(isForFetch))("handles %s like node:http", async (name, respond) => {
    const found = await readBy(runtimeTransport({ firstAnswers: 0 }), respond);
    if (!(passed.has(name) && found === "W")) expect(found).toBe(await readBy(createTransport(), respond));
  });
});

describe("a create", () => {
  it.each(taken)("takes effect when the response is %s", async (name, respond) => {
    const outcome = refused.has(name) ? "AmbiguousError" : "W";
    expect(await create(respond)).toEqual({ outcome, requests: 1, attempts: 1 });
  });

  it.each(unknown)(
    "is sent once, with an unknown outcome, when the response is %s",
    async (name, respond) => {
      const { outcome, ...sent } = await create(respond);
      if (!(passed.has(name) && outcome === "W")) expect(outcome).toBe("AmbiguousError");
      expect(sent).toEqual({ requests: 1, attempts: 1 });
    },
  );
});

/** A runtime's `fetch` may itself resend a request whose connection died; it must never do so for any of these. */
describe("a change on a reused connection", () => {
  const deaths: typeof taken = [
    ["closed", (socket) => socket.end()],
    ["reset", (socket) => socket.resetAndDestroy()],
    ["closed partway through the response", closing("HTTP/1.1 2")],
    ["closed after an interim response", closing(early)],
    ["closed with a 408", closing("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n")],
  ];

  it.each(deaths)("is sent once if, after it arrives, the connection is %s", async (_how, end) => {
    const arrived = new Map<string, number>();
    let connections = 0;
    const port = await rawServer((socket) => {
      connections += 1;
      socket.on("data", (bytes) => {
        const [method = ""] = bytes.toString("latin1").split(" ", 1);
        const requests = (arrived.get(method) ?? 0) + 1;
        arrived.set(method, requests);
        if (requests === 2) end(socket);
        else socket.write(answer());
      });
    });
    const { herm } = testClient(`http://127.0.0.1:${port}`, { maxRetries: 0 });
    const create = () => herm.automations.create("dep_1", fields);
    const update = () => herm.automations.update("dep_1", "auto_1", fields);
    await create();
    await update();
    await expect(create()).rejects.toMatchObject({ name: "AmbiguousError" });
    expect(connections).toBe(1);
    expect(await create()).toMatchObject({ name: "W" });
    await expect(update()).rejects.toMatchObject({ name: "AmbiguousError" });
    expect(await update()).toMatchObject({ name: "W" });
    expect(Object.fromEntries(arrived)).toEqual({ POST: 3, PATCH: 3 });
  });
});
