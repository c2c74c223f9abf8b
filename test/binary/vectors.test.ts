import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setImmediate as next } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { bytesOf, chunkings, expectedEvents, type Vector, vectors } from "../api/event-vectors.js";
import { isExecutable } from "../support/command-file.js";
import { spawnHerm } from "../support/spawn.js";

const deployment = {
  deployment_id: "dep_1",
  customer_id: "cus_1",
  name: "Acme",
  status: "ready",
  created_at: "2026-01-01T00:00:00Z",
};

interface Case {
  vector: Vector;
  cut(bytes: Uint8Array): Uint8Array[];
  /** The Last-Event-ID that each opening asked for. */
  asked: (string | undefined)[];
}

/** Every stream on one server, told apart by the key: the first opening gets it, the next hears that it is over. */
async function serve(cases: ReadonlyMap<string, Case>): Promise<string> {
  const server = createServer((request, response) => void answer(cases, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
}

async function answer(cases: ReadonlyMap<string, Case>, request: IncomingMessage, response: ServerResponse) {
  if (!request.url?.includes("/events")) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: [deployment], next_cursor: null }));
    return;
  }
  const found = cases.get(request.headers.authorization?.replace("Bearer ", "") ?? "");
  if (found === undefined) throw new Error("nobody was expected");
  const lastId = request.headers["last-event-id"];
  found.asked.push(typeof lastId === "string" ? Buffer.from(lastId, "latin1").toString() : undefined);
  if (found.asked.length > 1) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const chunk of found.cut(bytesOf(found.vector))) {
    response.write(chunk);
    await next();
  }
  response.end();
}

const atOnce = 6;

// Node's command has the same parser, which test/api tries in process.
describe.skipIf(!isExecutable)("what a stream means to the executable (WHATWG HTML, 9.2)", () => {
  it.each(Object.entries(chunkings))("every stream, %s", { timeout: 120_000 }, async (cutting, cut) => {
    const cases = new Map(
      vectors.map((vector, at): [string, Case] => [`key_of_vector_${at}`, { vector, cut, asked: [] }]),
    );
    const url = await serve(cases);
    const left = [...cases];
    const work = async () => {
      for (let each = left.pop(); each !== undefined; each = left.pop()) {
        const [key, { vector, asked }] = each;
        const env = { HERM_API_URL: url, HERM_API_KEY: key, TEST_NOW: String(Date.now()) };
        const words = ["events", "-d", "dep_1", "-o", "jsonl"];
        const { code, stdout } = await spawnHerm(words, { env, preload: "quick-clock" });
        const events = stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
        const lastId = asked[1] ?? "";
        expect({ name: vector.name, cutting, code, events, openings: asked.length, lastId }).toEqual({
          name: vector.name,
          cutting,
          code: 0,
          events: expectedEvents(vector).map(({ event, id, data }) => ({ event, id, data: parsed(data) })),
          openings: 2,
          // HTTP takes the spaces around a header away.
          lastId: (vector.lastId ?? "").trim(),
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  });
});

/** What is JSON is printed as such, anything else as the text that it is. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
