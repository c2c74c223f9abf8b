import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../../src/api/fetch.js";
import {
  createRuntimeTransport,
  type RuntimeTransportOptions,
} from "../../../src/api/transport/runtime-fetch.js";
import { ownFetch, runtimeTransport } from "../../support/runtime-transport.js";
import {
  type Answerer,
  closedUrl,
  json,
  manualLimits,
  rawServer,
  reset,
  scriptedServer,
  testClient,
  text,
} from "../scripted-server.js";

const fields = { name: "W", schedule: "0 9 * * 1", instructions: "I" };
const automation = { automation_id: "auto_1", ...fields };
const ok = json(200, automation);
const slow: Answerer = () => {};

const read = ({ herm }: ReturnType<typeof testClient>) => herm.automations.get("dep_1", "auto_1");

/** The executable's transport, which records the requests that were sent through node:http. */
function watched(options?: RuntimeTransportOptions) {
  const usual: string[] = [];
  const otherwise = runtimeTransport({ firstAnswers: Number.POSITIVE_INFINITY });
  const counting: FetchLike = (url, init) => {
    usual.push(init.method);
    return otherwise(url, init);
  };
  return { usual, fetch: createRuntimeTransport(ownFetch, counting, options) };
}

describe("the executable's transport", () => {
  it("uses the runtime's own fetch from the third response on", async () => {
    const server = await scriptedServer(ok);
    const { usual, fetch } = watched();
    const client = testClient(server.url, { fetch });
    for (let count = 0; count < 5; count += 1) expect(await read(client)).toMatchObject({ name: "W" });
    expect(usual).toEqual(["GET", "GET"]);
    expect(server.seen).toHaveLength(5);
  });

  it("sends the same main headers through fetch and node:http", async () => {
    const server = await scriptedServer(ok);
    const client = testClient(server.url, { fetch: runtimeTransport({ firstAnswers: 1 }) });
    await read(client);
    await read(client);
    const [first, second] = server.seen.map(({ headers }) => headers);
    for (const name of ["authorization", "accept", "accept-encoding", "user-agent", "host"])
      expect([name, second?.[name]]).toEqual([name, first?.[name]]);
  });

  it("uses fetch for a POST and a PATCH, never for a DELETE", async () => {
    const server = await scriptedServer(ok, ok, ok, text(204, ""));
    const { usual, fetch } = watched({ firstAnswers: 0 });
    const { herm } = testClient(server.url, { fetch });
    await herm.automations.create("dep_1", fields);
    await herm.automations.update("dep_1", "auto_1", { name: "Ü" });
    await herm.automations.trigger("dep_1", "auto_1").catch(() => {});
    await herm.automations.delete("dep_1", "auto_1");
    expect(usual).toEqual(["DELETE"]);
    const sent = server.seen.map(({ method, headers, body }) => [method, body, headers["content-type"]]);
    expect(sent.slice(0, 3)).toEqual([
      ["POST", JSON.stringify(fields), "application/json"],
      ["PATCH", '{"name":"Ü"}', "application/json"],
      ["POST", "", undefined],
    ]);
  });

  it("uses node:http after a failure, to detect whether a request arrived", async () => {
    const server = await scriptedServer(ok, ok, reset, ok);
    const { usual, fetch } = watched({ firstAnswers: 1 });
    const { herm } = testClient(server.url, { fetch });
    await herm.automations.update("dep_1", "auto_1", { name: "W" });
    await herm.automations.update("dep_1", "auto_1", { name: "W" });
    expect(usual).toHaveLength(1);
    const lost = herm.automations.create("dep_1", fields);
    await expect(lost).rejects.toMatchObject({ name: "AmbiguousError" });
    await herm.automations.create("dep_1", fields);
    await herm.automations.create("dep_1", fields);
    expect(usual).toEqual(["PATCH", "POST"]);
  });

  it("uses node:http after a pause, during which connections may close", async () => {
    const server = await scriptedServer(ok);
    let nowMs = 10_000;
    const { usual, fetch } = watched({ firstAnswers: 1, monotonic: () => nowMs });
    const client = testClient(server.url, { fetch });
    for (const pauseMs of [0, 4_000, 4_001, 0]) {
      nowMs += pauseMs;
      await read(client);
    }
    expect(usual).toEqual(["GET", "GET"]);
  });

  it("never uses fetch for a stream", async () => {
    const server = await scriptedServer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('id: evt_1\nevent: run.started\ndata: {"run_id":"run_1"}\n\n');
    });
    const { usual, fetch } = watched({ firstAnswers: 0 });
    const stream = await testClient(server.url, { fetch }).herm.deployments.events.stream("dep_1");
    for await (const _event of stream) break;
    expect(usual).toEqual(["GET"]);
  });

  it.each(["as a whole", "in chunks", "of more than 16 KiB"])("reads a body %s", async (how) => {
    const instructions = "ü".repeat(how === "of more than 16 KiB" ? 20_000 : 20);
    const body = JSON.stringify({ ...automation, instructions });
    const server = await scriptedServer((response) => {
      if (how !== "in chunks") response.setHeader("content-length", Buffer.byteLength(body));
      response.write(body.slice(0, 10));
      response.end(body.slice(10));
    });
    const { usual, fetch } = watched({ firstAnswers: 0 });
    expect(await read(testClient(server.url, { fetch }))).toMatchObject({ instructions });
    expect(usual).toEqual([]);
  });

  it.each(["", "transfer-encoding: chunked\r\n"])(
    "limits the size of a body with a wrong length: %j",
    async (more) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-length: 5\r\n${more}\r\n`;
      const piece = Buffer.from(`100000\r\n${"x".repeat(2 ** 20)}\r\n`);
      let written = 0;
      const port = await rawServer((socket) => {
        const write = () => {
          for (let isFree = true; isFree && written < 200; written += 1) isFree = socket.write(piece);
        };
        socket.once("data", () => socket.write(head) && write());
        socket.on("drain", write);
      });
      const fetch = runtimeTransport({ firstAnswers: 0 });
      const reading = read(testClient(`http://127.0.0.1:${port}`, { fetch, maxRetries: 0 }));
      await expect(reading).rejects.toThrow(Error);
      expect(written).toBeLessThan(120);
    },
  );

  it("decodes an encoded response without a second request", async () => {
    const server = await scriptedServer((response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(JSON.stringify(automation))),
    );
    const { usual, fetch } = watched({ firstAnswers: 0 });
    const client = testClient(server.url, { fetch });
    expect(await read(client)).toMatchObject({ name: "W" });
    expect(await client.herm.automations.create("dep_1", fields)).toMatchObject({ name: "W" });
    expect({ usual, requests: server.seen.length }).toEqual({ usual: [], requests: 2 });
  });

  it("retries an incomplete response as often as node:http does", async () => {
    const server = await scriptedServer(ok, reset, ok);
    const client = testClient(server.url, { fetch: runtimeTransport({ firstAnswers: 1 }) });
    await read(client);
    expect(await read(client)).toMatchObject({ name: "W" });
  });

  it("reports an unreachable server in the usual words", async () => {
    const { herm, attempts } = testClient(closedUrl, { fetch: runtimeTransport({ firstAnswers: 0 }) });
    await expect(herm.automations.get("dep_1", "auto_1")).rejects.toMatchObject({
      name: "ConnectionError",
      message: `${new URL(closedUrl).host}: connection refused (ECONNREFUSED)`,
      neverArrived: true,
    });
    expect(attempts).toHaveLength(4);
  });

  it("stops at the time limit, and on the caller's signal", async () => {
    const server = await scriptedServer(slow);
    const limits = manualLimits();
    const fetch = runtimeTransport({ firstAnswers: 0 });
    const { herm } = testClient(server.url, { fetch, timer: limits.timer, maxRetries: 0 });
    const late = expect(read({ herm, sleptMs: [], attempts: [] })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    await expect.poll(() => server.seen.length).toBe(1);
    limits.pass();
    await late;
    const caller = new AbortController();
    const left = expect(herm.automations.get("dep_1", "auto_1", { signal: caller.signal })).rejects.toThrow(
      "enough",
    );
    await expect.poll(() => server.seen.length).toBe(2);
    caller.abort(new Error("enough"));
    await left;
  });

  it("follows a redirect only within its origin", async () => {
    const server = await scriptedServer((response, { url }) =>
      url === "/there"
        ? ok(response, { method: "GET", url, headers: {}, body: "" })
        : response.writeHead(307, { location: "/there" }).end(),
    );
    const client = testClient(server.url, { fetch: runtimeTransport({ firstAnswers: 0 }) });
    expect(await read(client)).toMatchObject({ name: "W" });
    expect(server.seen.map(({ url }) => url)).toEqual(["/v1/deployments/dep_1/automations/auto_1", "/there"]);
  });
});
