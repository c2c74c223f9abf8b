import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reconnectDelayMs, SeenIds } from "../../src/api/events/stream.js";
import { scriptedServer, testClient } from "./scripted-server.js";
import { connectionsUnderRetry, readThroughCuts } from "./trials.js";

describe("a stream that is cut many times", () => {
  it.each([1, 2, 3, 4, 5])("loses no event and shows none twice: seed %i", async (seed) => {
    expect(await readThroughCuts({ seed, events: 1000, cuts: 100 })).toEqual({
      lost: 0,
      doubled: 0,
      disordered: 0,
      connections: 101,
    });
  });
});

describe("a stream over a socket", () => {
  it("resumes after each cut, even with non-ASCII ids, and closes its connections", async () => {
    const text = Array.from({ length: 40 }, (_, index) => `id: é_${index}\r\ndata: {"n":${index}}\r\n\r\n`);
    let open = 0;
    const server = await scriptedServer((response, { headers }) => {
      open += 1;
      response.on("close", () => {
        open -= 1;
      });
      const seen = Buffer.from(String(headers["last-event-id"] ?? "é_-1"), "latin1").toString();
      const rest = text.slice(Number(seen.slice(2)) + 1).join("");
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      const isCut = server.seen.length <= 5;
      const bytes = Buffer.from(rest).subarray(0, isCut ? Math.ceil(rest.length / 2) + 3 : undefined);
      response.write(bytes, () => isCut && response.socket?.end());
    });
    const { herm } = testClient(server.url);
    const numbers: unknown[] = [];
    for await (const event of await herm.deployments.events.stream("dep_1")) {
      if (event.type === undefined) numbers.push(JSON.parse(event.data).n);
      if (numbers.length === 40) break;
    }
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(server.seen).toHaveLength(6);
    await expect.poll(() => open).toBe(0);
  });
});

describe("a server that always closes the connection", () => {
  it.each(["0", "1", "-1", "garbage", "2147483648", "9".repeat(30)])(
    "gets at most 40 connections in 10 s, even with retry: %s",
    async (retry) => {
      const connections = await connectionsUnderRetry(retry);
      expect(connections).toBeGreaterThanOrEqual(1);
      expect(connections).toBeLessThanOrEqual(40);
    },
  );
});

describe("reconnectDelayMs", () => {
  it("waits at least 0.25 s, the server's delay or Retry-After, plus at most 60 s", () => {
    const anyMs = fc.option(fc.oneof(fc.nat(200_000), fc.constant(1e30)), { nil: undefined });
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        anyMs,
        fc.option(fc.nat(10_000_000), { nil: undefined }),
        (failuresInARow, random, retryMs, retryAfterMs) => {
          const delayMs = reconnectDelayMs({ failuresInARow, random, retryMs, retryAfterMs });
          expect(delayMs).toBeGreaterThanOrEqual(250);
          expect(delayMs).toBeGreaterThanOrEqual(Math.min(60_000, retryMs ?? 0));
          expect(delayMs).toBeGreaterThanOrEqual(retryAfterMs ?? 0);
          expect(delayMs).toBeLessThanOrEqual(Math.max(60_000, retryAfterMs ?? 0));
        },
      ),
    );
  });
});

describe("SeenIds", () => {
  const eventsOf = (ids: string[]) => ({
    events: ids.map((id) => ({ event: "e", id, data: "" })),
    ownIds: ids,
  });
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `evt_${from + index}`);

  it("remembers the last 100,000 ids, and forgets those older than 200,000", () => {
    const seen = new SeenIds();
    for (let from = 0; from < 350_000; from += 500) seen.add(range(from, from + 500));
    seen.beginReplay();
    expect(seen.withoutDuplicates(eventsOf(range(250_000, 250_100))).ids).toEqual([]);
    expect(seen.withoutDuplicates(eventsOf(range(349_900, 350_001))).ids).toEqual(["evt_350000"]);
    expect(seen.withoutDuplicates(eventsOf(range(0, 3))).ids).toEqual(range(0, 3));
  });

  it("looks for duplicates only in a replay, until 10,000 new ids have followed", () => {
    const seen = new SeenIds();
    seen.add(range(0, 10));
    expect(seen.withoutDuplicates(eventsOf(range(0, 5))).ids).toEqual(range(0, 5));
    seen.beginReplay();
    expect(seen.withoutDuplicates(eventsOf(range(0, 5))).ids).toEqual([]);
    expect(seen.withoutDuplicates(eventsOf(range(100, 10_100))).ids).toHaveLength(10_000);
    expect(seen.withoutDuplicates(eventsOf(range(0, 5))).ids).toEqual(range(0, 5));
  });

  it("recognises the duplicates in random replays", () => {
    const parts = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 20 });
    fc.assert(
      fc.property(parts, (replays) => {
        const seen = new SeenIds();
        const shown: string[] = [];
        for (const [from, length] of replays) {
          seen.beginReplay();
          const { events, ids } = seen.withoutDuplicates(eventsOf(range(from, from + length)));
          shown.push(...events.map(({ id }) => id));
          seen.add(ids);
        }
        expect(new Set(shown).size).toBe(shown.length);
        const expected = new Set(replays.flatMap(([from, length]) => range(from, from + length)));
        expect(new Set(shown)).toEqual(expected);
      }),
    );
  });
});
