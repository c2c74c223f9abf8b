import { brotliCompressSync, constants, createGzip, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ConnectionError } from "../../../src/api/errors.js";
import { type Answerer, json, manualLimits, scriptedServer, testClient } from "../scripted-server.js";

const page = { data: [{ automation_id: "auto_1", name: "Bericht für Zoë" }], next_cursor: null };
const plain = Buffer.from(JSON.stringify(page));

function encoded(coding: string, body: Uint8Array): Answerer {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": coding });
    response.end(body);
  };
}

const codings: [string, Buffer][] = [
  ["gzip", gzipSync(plain)],
  ["x-gzip", gzipSync(plain)],
  ["GZIP", gzipSync(plain)],
  ["deflate", deflateSync(plain)],
  ["deflate", deflateRawSync(plain)],
  ["br", brotliCompressSync(plain)],
  ["identity", plain],
];

describe("an encoded response", () => {
  it("is never requested by the client", async () => {
    const server = await scriptedServer(json(200, page));
    await testClient(server.url).herm.automations.list("dep_1");
    expect(server.seen[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it.each(codings)("is decoded anyway: %s", async (coding, body) => {
    const server = await scriptedServer(encoded(coding, body));
    expect(await testClient(server.url).herm.automations.list("dep_1")).toEqual(page);
  });

  it("is decoded even if it is an error", async () => {
    const server = await scriptedServer((response) => {
      response.writeHead(400, { "content-encoding": "gzip" });
      response.end(gzipSync(JSON.stringify({ error: "validation_error", message: "no such schedule" })));
    });
    await expect(testClient(server.url).herm.deployments.get("dep_1")).rejects.toThrow("no such schedule");
  });

  it.each([
    ["gzip", gzipSync(plain).subarray(0, 30)],
    ["deflate", deflateRawSync(plain).subarray(0, 30)],
    ["deflate", Buffer.alloc(0)],
  ])("is requested again if it is truncated: %s", async (coding, part) => {
    const server = await scriptedServer(encoded(coding, part), json(200, page));
    expect(await testClient(server.url).herm.automations.list("dep_1")).toEqual(page);
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ["gzip", plain],
    ["deflate", plain],
  ])("causes an error if it isn't valid %s", async (coding, body) => {
    const wrong = await scriptedServer(encoded(coding, body));
    const failure = await testClient(wrong.url, { maxRetries: 0 })
      .herm.deployments.get("dep_1")
      .catch((error) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure.message).toContain(`the response isn't valid ${coding}`);
  });

  it("causes an error if its encoding is unknown", async () => {
    const unknown = await scriptedServer(encoded("zstd", plain));
    await expect(testClient(unknown.url).herm.deployments.get("dep_1")).rejects.toMatchObject({
      name: "UnexpectedAnswerError",
      message: "the API answered 200 in an encoding that herm doesn't know: zstd",
    });
  });

  it("has a size limit that applies after decoding", async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, " "));
    const server = await scriptedServer(encoded("gzip", bomb));
    await expect(testClient(server.url).herm.deployments.get("dep_1")).rejects.toThrow("larger than 64 MiB");
  });

  it("delivers a stream's events as they arrive", async () => {
    let more: (() => void) | undefined;
    const server = await scriptedServer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
      const packed = createGzip();
      packed.pipe(response);
      const send = (number: number) => {
        packed.write(`event: token\nid: evt_${number}\ndata: {"n":${number}}\n\n`);
        packed.flush(constants.Z_SYNC_FLUSH);
      };
      send(1);
      more = () => send(2);
    });
    const stream = await testClient(server.url).herm.deployments.events.stream("dep_1");
    const seen: string[] = [];
    for await (const { id } of stream) {
      seen.push(id);
      more?.();
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(["evt_1", "evt_2"]);
  });
});

describe("an endless response", () => {
  it.each([200, 500])("is cut off at 64 MiB after a %d", async (status) => {
    let sent = 0;
    const server = await scriptedServer((response) => {
      response.writeHead(status, { "content-type": "text/plain" });
      const piece = Buffer.alloc(1024 * 1024, "x");
      const go = () => {
        sent += 1;
        if (!response.destroyed) response.write(piece, () => setImmediate(go));
      };
      go();
    });
    const failure = await testClient(server.url, { maxRetries: 0 })
      .herm.deployments.get("dep_1")
      .catch((error) => error);
    expect(failure.status).toBe(status);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent).toBeLessThan(90);
  });
});

describe("a response that switches protocols", () => {
  it("is rejected at once", async () => {
    const server = await scriptedServer((response) => {
      response.socket?.end(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
      );
    });
    // No time limit passes.
    const { timer } = manualLimits();
    await expect(testClient(server.url, { timer }).herm.deployments.get("dep_1")).rejects.toThrow(
      "the API answered 101 and switched protocols",
    );
  });
});

describe("a byte order mark", () => {
  it("isn't treated as part of JSON", async () => {
    const server = await scriptedServer((response) => response.end(`\uFEFF${JSON.stringify(page)}`));
    expect(await testClient(server.url).herm.automations.list("dep_1")).toEqual(page);
  });

  it("isn't treated as part of an error's text", async () => {
    const server = await scriptedServer((response) => {
      response.writeHead(403);
      response.end(`\uFEFF${JSON.stringify({ error: "forbidden", message: "no" })}`);
    });
    await expect(testClient(server.url).herm.deployments.get("dep_1")).rejects.toThrow(/^no$/);
  });
});
