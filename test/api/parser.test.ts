import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvents } from "../../src/api/events/read-events.js";
import type { RawEvent } from "../../src/api/types.js";
import { answerOf, bytesOf, chunkings, expectedEvents, type Vector, vectors } from "./event-vectors.js";

async function parse(chunks: Uint8Array[], lastId = "") {
  const events: RawEvent[] = [];
  const ownIds: string[] = [];
  let last = lastId;
  let retryMs: number | undefined;
  for await (const parsed of readEvents(answerOf(chunks), { lastId, silentMs: 1000 })) {
    events.push(...parsed.events);
    ownIds.push(...parsed.ownIds);
    last = parsed.lastId;
    retryMs = parsed.retryMs;
  }
  return { events, ownIds, lastId: last, retryMs };
}

const piece = fc.constantFrom(
  "data: a",
  "data:ä😀",
  "data",
  "id: 1",
  "id: 2é",
  "id",
  "id:",
  "id: x\0",
  "event: token",
  "event:run_status",
  "event",
  ":c",
  "retry: 5",
  "foo",
  "\ufeff",
  "",
  "",
  "",
  "i",
  "r",
  "d",
);
const lineEnd = fc.constantFrom("\n", "\r", "\r\n", "");
const streams = fc.array(fc.tuple(piece, lineEnd), { maxLength: 30 }).map((lines) => lines.flat().join(""));
const places = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 8 });

/** The bytes of the stream, cut at these positions. */
function chunksOf(stream: string, places: readonly number[] = []): Uint8Array[] {
  const bytes = new TextEncoder().encode(stream);
  const cuts = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
}

const cases = vectors.flatMap((vector) =>
  Object.entries(chunkings).map(
    ([cut, chunk]): [string, string, Vector, (bytes: Uint8Array) => Uint8Array[]] => [
      vector.name,
      cut,
      vector,
      chunk,
    ],
  ),
);

describe("the event stream parser (WHATWG HTML, 9.2)", () => {
  it.each(cases)("handles this: %s, %s", async (_name, _cut, vector, chunk) => {
    const { events, lastId, retryMs } = await parse(chunk(bytesOf(vector)));
    expect({ events, lastId, retryMs }).toEqual({
      events: expectedEvents(vector),
      lastId: vector.lastId ?? "",
      retryMs: vector.retryMs,
    });
  });

  it("finds the same events, wherever the chunks are split", async () => {
    await fc.assert(
      fc.asyncProperty(streams, places, async (stream, cuts) => {
        expect(await parse(chunksOf(stream, cuts), "0")).toEqual(await parse(chunksOf(stream), "0"));
      }),
      { numRuns: 300 },
    );
  });

  it("distinguishes an event's own id from the previous event's", async () => {
    const { events, ownIds } = await parse([Buffer.from("data: a\n\nid: 2\ndata: b\n\ndata: c\n\n")], "1");
    expect(events.map(({ id }) => id)).toEqual(["1", "2", "2"]);
    expect(ownIds).toEqual(["", "2", ""]);
  });

  it("ignores an id that is too long to send back", async () => {
    const stream = (length: number) => [Buffer.from(`id: ${"x".repeat(length)}\ndata: a\n\n`)];
    expect((await parse(stream(4092), "1")).lastId).toHaveLength(4092);
    expect(await parse(stream(4093), "1")).toMatchObject({ lastId: "1", events: [{ id: "1", data: "a" }] });
  });
});

describe("an event over 8 MiB", () => {
  const mebibyte = Buffer.alloc(1024 * 1024, "x");

  it.each([
    ["if it is one line", [Buffer.from("data: "), ...Array(8).fill(mebibyte)]],
    [
      "if it is many lines",
      Array.from({ length: 8 }, () => Buffer.concat([Buffer.from("data: "), mebibyte, Buffer.from("\n")])),
    ],
    ["if an unknown field is that long", Array.from({ length: 9 }, () => mebibyte)],
    ["if its id is that long", [Buffer.from("id: "), ...Array(8).fill(mebibyte)]],
  ])("causes a clear error %s", async (_name, chunks) => {
    await expect(parse(chunks)).rejects.toMatchObject({
      name: "EventTooLargeError",
      message: "an event of the stream is larger than 8 MiB",
    });
  });

  it("is detected by its own size, without comments or earlier events", async () => {
    const block = Buffer.concat([Buffer.from("data: "), mebibyte, mebibyte, mebibyte, Buffer.from("\n\n")]);
    const comment = Buffer.concat([
      Buffer.from(": "),
      mebibyte,
      mebibyte,
      mebibyte,
      mebibyte,
      mebibyte,
      Buffer.from("\n"),
    ]);
    const { events } = await parse([block, block, block, comment, comment, comment, block]);
    expect(events.map(({ data }) => data.length)).toEqual(Array(4).fill(3 * 1024 * 1024));
  });
});
