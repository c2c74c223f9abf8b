import { beforeAll, describe, expect, it } from "vitest";
import type { OpenOptions, RawEventStream, ReconnectInfo } from "../../src/api/events/stream.js";
import { type Connection, eventsText, type ScriptedStream, scriptedStream } from "./scripted-stream.js";
import { settle } from "./virtual-time.js";

interface Reading {
  ids: string[];
  /** How the loop ended. */
  end: unknown;
}

/** Opens the stream and reads it to the end, while the test continues. */
async function read(
  { herm }: ScriptedStream,
  options: OpenOptions = {},
): Promise<Reading & { stream: RawEventStream }> {
  const stream = await herm.deployments.events.open("dep_1", {}, options);
  const reading: Reading & { stream: RawEventStream } = { ids: [], end: undefined, stream };
  (async () => {
    for await (const batch of stream) reading.ids.push(...batch.map(({ id }) => id));
  })().then(
    () => {
      reading.end = "end";
    },
    (error: unknown) => {
      reading.end = error;
    },
  );
  await settle();
  return reading;
}

// The first import takes real time, which these tests don't allow for.
beforeAll(() => import("eventsource"));

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    (error: unknown) => error,
  );

const hang: Connection = { ending: "hang" };
const over: Connection = { status: 204 };

describe("an interrupted stream", () => {
  it.each(["end", "cut"] as const)("resumes after the last id: %s", async (ending) => {
    const script = scriptedStream([
      { body: eventsText("1 2"), ending },
      { body: eventsText("3"), ending },
      over,
    ]);
    const reading = await read(script);
    await script.time.advance(2000);
    expect(reading).toMatchObject({ ids: ["evt_1", "evt_2", "evt_3"], end: "end" });
    expect(script.asked).toEqual([undefined, "evt_2", "evt_3"]);
  });

  it("shows no event of an overlapping replay twice", async () => {
    const script = scriptedStream([
      { body: eventsText("1 2 3") },
      { body: eventsText("2 3 4") },
      { body: [eventsText("1 2"), eventsText("3 4 5 5 6")] },
      over,
    ]);
    const reading = await read(script);
    await script.time.advance(5000);
    expect(reading.ids).toEqual(["evt_1", "evt_2", "evt_3", "evt_4", "evt_5", "evt_6"]);
  });

  it("never treats events without an id as duplicates", async () => {
    const body = "data: a\n\nid: evt_1\ndata: b\n\ndata: c\n\n";
    const script = scriptedStream([{ body }, { body }, over]);
    const reading = await read(script);
    await script.time.advance(2000);
    expect(reading.ids).toEqual(["", "evt_1", "evt_1", "evt_1", "evt_1"]);
  });

  it("drops an incomplete event, and receives it again", async () => {
    const script = scriptedStream([
      { body: `${eventsText("1")}id: evt_2\ndata: {"n"` },
      { body: eventsText("2") },
      over,
    ]);
    const reading = await read(script);
    await script.time.advance(2000);
    expect({ ids: reading.ids, asked: script.asked }).toEqual({
      ids: ["evt_1", "evt_2"],
      asked: [undefined, "evt_1", "evt_2"],
    });
  });

  it("uses the id of an empty block, and forgets an id once it is reset", async () => {
    const script = scriptedStream([
      { body: "id: evt_7\n\n" },
      { body: "id: evt_8\ndata: a\n\nid:\n\n" },
      over,
    ]);
    const reading = await read(script);
    await script.time.advance(2000);
    expect({ ids: reading.ids, asked: script.asked }).toEqual({
      ids: ["evt_8"],
      asked: [undefined, "evt_7", undefined],
    });
  });

  it("sends ids as UTF-8, and keeps the last valid one", async () => {
    const script = scriptedStream([{ body: "id: é😀\ndata: a\n\nid: b\u0001\ndata: b\n\n" }, over]);
    const reading = await read(script);
    await script.time.advance(1000);
    expect(reading.ids).toEqual(["é😀", "b\u0001"]);
    expect(Buffer.from(script.asked[1] ?? "", "latin1").toString()).toBe("é😀");
  });

  it("reports each cut, wait and reconnect", async () => {
    const told: ReconnectInfo[] = [];
    const script = scriptedStream([
      { body: eventsText("1"), ending: "cut" },
      { status: 503, headers: { "retry-after": "3" } },
      hang,
    ]);
    await read(script, { onReconnect: (info) => told.push(info) });
    await script.time.advance(10_000);
    expect(told).toMatchObject([
      {
        state: "waiting",
        attempt: 1,
        delayMs: 250,
        reason: { name: "ConnectionError" },
        lastEventId: "evt_1",
      },
      { state: "waiting", attempt: 2, delayMs: 3000, reason: { status: 503 }, lastEventId: "evt_1" },
      { state: "open", attempt: 2, delayMs: 3000, lastEventId: "evt_1" },
    ]);
  });
});

describe("an event's id", () => {
  it("counts as seen only when the next batch is requested", async () => {
    const { herm } = scriptedStream([{ body: [eventsText("1 2"), eventsText("3")], ending: "hang" }]);
    const stream = await herm.deployments.events.open("dep_1");
    const batches = stream[Symbol.asyncIterator]();
    expect(stream.lastEventId).toBe("");
    await batches.next();
    expect(stream.lastEventId).toBe("");
    await batches.next();
    expect(stream.lastEventId).toBe("evt_2");
    await batches.return?.();
    expect(stream.lastEventId).toBe("evt_2");
  });

  it("counts as seen from the start if the caller passes it", async () => {
    const script = scriptedStream([{ body: eventsText("4 5") }, over]);
    const reading = await read(script, { lastEventId: "evt_4" });
    await script.time.advance(1000);
    expect({ ids: reading.ids, asked: script.asked }).toEqual({ ids: ["evt_5"], asked: ["evt_4", "evt_5"] });
  });

  it.each([["a\nb"], ["a\rb"], ["a\0b"], ["a\u007fb"], ["x".repeat(4097)], ["é".repeat(2049)]])(
    "is rejected if it is %j",
    async (lastEventId) => {
      const script = scriptedStream([hang]);
      expect(await outcomeOf(read(script, { lastEventId }))).toMatchObject({ name: "InvalidIdError" });
      expect(script.asked).toEqual([]);
    },
  );
});

describe("a slow reader of a stream", () => {
  it("gets the first event at once, and later events in batches", async () => {
    const script = scriptedStream([{ body: [eventsText("1"), eventsText("2")], ending: "hang" }]);
    const reading = await read(script, { gatherMs: 100 });
    expect(reading.ids).toEqual(["evt_1"]);
    await script.time.advance(99);
    expect(reading.ids).toEqual(["evt_1"]);
    await script.time.advance(1);
    expect(reading.ids).toEqual(["evt_1", "evt_2"]);
    reading.stream.close();
  });

  it("gets a large batch without delay, and can then close the stream", async () => {
    const much = eventsText(Array.from({ length: 300 }, (_, number) => number).join(" "));
    const script = scriptedStream([{ body: [much, eventsText("300"), eventsText("301")], ending: "hang" }]);
    const reading = await read(script, { gatherMs: 100 });
    expect(reading.ids).toHaveLength(301);
    reading.stream.close();
    await settle();
    expect({ end: reading.end, waiting: script.time.waiting, open: script.open() }).toEqual({
      end: "end",
      waiting: 0,
      open: 0,
    });
  });
});

describe("silence on a stream", () => {
  it("closes the connection after 45 s, and a new one opens by 46 s", async () => {
    const script = scriptedStream([{ body: eventsText("1"), ending: "hang" }, hang]);
    await read(script);
    await script.time.advance(44_900);
    expect(script.asked).toHaveLength(1);
    await script.time.advance(1100);
    expect({ asked: script.asked, open: script.open() }).toEqual({ asked: [undefined, "evt_1"], open: 1 });
  });

  it("is interrupted by comments every 15 s", async () => {
    const script = scriptedStream([hang]);
    await read(script);
    for (let beat = 0; beat < 40; beat += 1) {
      await script.time.advance(15_000);
      await script.push(":\n");
    }
    expect(script.asked).toHaveLength(1);
  });

  it("isn't measured while the reader is slow", async () => {
    const script = scriptedStream([{ body: [eventsText("1"), eventsText("2")], ending: "hang" }]);
    const stream = await script.herm.deployments.events.open("dep_1");
    const batches = stream[Symbol.asyncIterator]();
    await batches.next();
    await script.time.advance(300_000);
    expect((await batches.next()).value).toMatchObject([{ id: "evt_2" }]);
    expect(script.asked).toHaveLength(1);
    stream.close();
  });
});

describe("the pause before a reconnect", () => {
  it.each([["0"], ["1"], ["99999999999999999999999"], ["2147483648"], ["-5"]])(
    "is under a minute after retry: %s",
    async (retry) => {
      const script = scriptedStream([
        { body: `retry: ${retry}\n\n` },
        { body: eventsText("1"), ending: "hang" },
      ]);
      const reading = await read(script);
      await script.time.advance(60_000);
      expect(reading.ids).toEqual(["evt_1"]);
    },
  );

  it("grows after each empty connection, to 30 to 60 s, until an event arrives", async () => {
    const delays: number[] = [];
    const nothing = Array.from({ length: 9 }, (): Connection => ({ ending: "end" }));
    const script = scriptedStream([...nothing, { body: eventsText("1") }, ...nothing.slice(0, 2), hang]);
    await read(script, {
      onReconnect: ({ state, delayMs }) => {
        if (state === "waiting") delays.push(delayMs);
      },
    });
    await script.time.advance(300_000);
    expect(delays.slice(0, 12)).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 250, 500, 1000,
    ]);
  });

  it("is short again after a long connection, even one without events", async () => {
    const delays: number[] = [];
    const script = scriptedStream([{ ending: "end" }, { ending: "end" }, hang, { ending: "end" }, hang]);
    await read(script, {
      onReconnect: ({ state, delayMs }) => {
        if (state === "waiting") delays.push(delayMs);
      },
    });
    await script.time.advance(60_000);
    expect(delays).toEqual([250, 500, 250, 500]);
  });
});

describe("the end of a stream", () => {
  it("isn't caused by five 500s: the stream resumes from the same id", async () => {
    const failing = Array.from({ length: 5 }, (): Connection => ({ status: 500 }));
    const script = scriptedStream([
      { body: eventsText("1"), ending: "cut" },
      ...failing,
      { body: eventsText("2"), ending: "hang" },
    ]);
    const reading = await read(script);
    await script.time.advance(60_000);
    expect(reading).toMatchObject({ ids: ["evt_1", "evt_2"], end: undefined });
    expect(script.asked).toEqual([undefined, ...Array(6).fill("evt_1")]);
    reading.stream.close();
  });

  it.each<[string, Connection]>([
    ["refused connections", { refused: true }],
    ["408s", { status: 408 }],
    ["429s", { status: 429 }],
    ["501s", { status: 501 }],
    ["504s", { status: 504 }],
    ["proxy pages", { headers: { "content-type": "text/html" }, body: "<html>" }],
  ])("isn't caused, once the stream has opened, by repeated %s", async (_name, fault) => {
    const script = scriptedStream([
      { body: eventsText("1") },
      ...Array(50).fill(fault),
      { body: eventsText("2") },
      over,
    ]);
    const reading = await read(script);
    await script.time.advance(3_600_000);
    expect(reading).toMatchObject({ ids: ["evt_1", "evt_2"], end: "end" });
  });

  it.each([400, 401, 403, 404, 409])("is caused by a %i on the first reconnect", async (status) => {
    const script = scriptedStream([{ body: eventsText("1") }, { status }, hang]);
    const reading = await read(script);
    await script.time.advance(60_000);
    expect(reading).toMatchObject({ ids: ["evt_1"], end: { status } });
    expect(script.asked).toHaveLength(2);
  });

  it("is caused by a 204, at the start or later", async () => {
    const first = await read(scriptedStream([over]));
    const script = scriptedStream([{ body: eventsText("1") }, over]);
    const later = await read(script);
    await script.time.advance(1000);
    expect([first.end, later.end, later.ids]).toEqual(["end", "end", ["evt_1"]]);
  });

  it("is caused by an event that is too large", async () => {
    const script = scriptedStream([
      { body: `${eventsText("1")}data: ${"x".repeat(9 * 1024 * 1024)}`, ending: "hang" },
    ]);
    const reading = await read(script);
    expect(reading.end).toMatchObject({ name: "EventTooLargeError" });
    expect({ open: script.open(), waiting: script.time.waiting }).toEqual({ open: 0, waiting: 0 });
  });

  const reason = new Error("interrupted");
  it.each<[string, Connection, (stop: AbortController, stream: RawEventStream) => void, unknown]>([
    ["close() during silence", hang, (_stop, stream) => stream.close(), "end"],
    ["close() during the wait to reconnect", { refused: true }, (_stop, stream) => stream.close(), "end"],
    ["the signal during silence", hang, (stop) => stop.abort(reason), reason],
    ["the signal during the wait to reconnect", { refused: true }, (stop) => stop.abort(reason), reason],
  ])("is caused by %s", async (_name, second, end, expected) => {
    const stop = new AbortController();
    const script = scriptedStream([{ body: eventsText("1") }, second]);
    const reading = await read(script, { signal: stop.signal });
    await script.time.advance(1000);
    expect(reading.end).toBeUndefined();
    end(stop, reading.stream);
    await settle();
    expect(reading.end).toBe(expected);
    expect({ open: script.open(), waiting: script.time.waiting }).toEqual({ open: 0, waiting: 0 });
  });

  it("is caused by the end of the loop", async () => {
    const script = scriptedStream([{ body: eventsText("1 2"), ending: "hang" }]);
    for await (const _batch of await script.herm.deployments.events.open("dep_1")) break;
    await settle();
    expect({ open: script.open(), waiting: script.time.waiting }).toEqual({ open: 0, waiting: 0 });
  });

  it("is caused by close() before the first read", async () => {
    const script = scriptedStream([hang]);
    const stream = await script.herm.deployments.events.open("dep_1");
    stream.close();
    for await (const _batch of stream) throw new Error("nothing comes");
    expect({ open: script.open(), waiting: script.time.waiting }).toEqual({ open: 0, waiting: 0 });
  });
});

describe("the first connection of a stream", () => {
  it.each<[string, Connection, object]>([
    ["connections refused", { refused: true }, { name: "ConnectionError", neverArrived: true }],
    ["503", { status: 503 }, { status: 503 }],
  ])("is tried four times like any GET, then fails: %s", async (_name, fault, expected) => {
    const script = scriptedStream([fault]);
    const outcome = outcomeOf(script.herm.deployments.events.stream("dep_1"));
    await script.time.advance(10_000);
    expect(await outcome).toMatchObject(expected);
    expect(script.asked).toHaveLength(4);
    expect(script.time.waiting).toBe(0);
  });

  it("fails at once if the API rejects it", async () => {
    const script = scriptedStream([{ status: 401 }]);
    expect(await outcomeOf(script.herm.deployments.events.stream("dep_1"))).toMatchObject({ status: 401 });
    expect(script.asked).toHaveLength(1);
  });

  it("fails if the response isn't a stream", async () => {
    const script = scriptedStream([
      { headers: { "content-type": "text/html" }, body: "<html>", ending: "hang" },
    ]);
    expect(await outcomeOf(script.herm.deployments.events.stream("dep_1"))).toMatchObject({
      name: "UnexpectedAnswerError",
      message: "the API answered 200 without an event stream",
    });
    expect({ open: script.open(), waiting: script.time.waiting }).toEqual({ open: 0, waiting: 0 });
  });

  it("ends within its time limit", async () => {
    const never = scriptedStream([hang], { fetch: () => new Promise(() => {}) });
    const outcome = outcomeOf(never.herm.deployments.events.open("dep_1", {}, { maxWaitMs: 10_000 }));
    await never.time.advance(9_999);
    await never.time.advance(1);
    expect(await outcome).toMatchObject({ name: "TimeoutError", tried: { attempts: 1, elapsedMs: 10_000 } });
  });
});

describe("the SDK's stream", () => {
  it("yields flat events one at a time, unknown types included, and closes with the loop", async () => {
    const body = [
      'event: token\nid: evt_1\ndata: {"run_id":"run_1","thread_id":"thr_1","delta":"Hi"}\n\n',
      'event: run_status\nid: evt_2\ndata: {"run_id":"run_1","status":"completed","type":"x","id":"y","__proto__":{"a":1}}\n\n',
      "event: odd\nid: evt_3\ndata: not JSON\n\nevent: token\nid: evt_4\ndata: [1]\n\nid: evt_5\ndata: null\n\n",
    ];
    const script = scriptedStream([{ body, ending: "hang" }]);
    const stream = await script.herm.deployments.events.stream("dep_1", { run_id: "run_1" });
    const events: unknown[] = [];
    for await (const event of stream) {
      events.push(event);
      if (event.id === "evt_5") break;
    }
    expect(JSON.stringify(events)).toBe(
      JSON.stringify([
        { run_id: "run_1", thread_id: "thr_1", delta: "Hi", type: "token", id: "evt_1" },
        JSON.parse(
          '{"run_id":"run_1","status":"completed","type":"run_status","id":"evt_2","__proto__":{"a":1}}',
        ),
        { event: "odd", id: "evt_3", data: "not JSON" },
        { event: "token", id: "evt_4", data: "[1]" },
        { event: "message", id: "evt_5", data: "null" },
      ]),
    );
    await settle();
    expect(script.open()).toBe(0);
  });
});
