import type { RawEvent } from "../../src/api/types.js";

export interface Vector {
  name: string;
  stream: string | Uint8Array;
  /** `event id data`, as triples. */
  events: [string, string, string][];
  lastId?: string;
  retryMs?: number;
}

/** WHATWG HTML, 9.2.6: how a stream is interpreted. */
export const vectors: Vector[] = [
  { name: "one event", stream: "data: a\n\n", events: [["message", "", "a"]] },
  { name: "nothing", stream: "", events: [] },
  { name: "an incomplete last block", stream: "data: a\n\ndata: b\n", events: [["message", "", "a"]] },
  { name: "an incomplete last line", stream: "data: a\n\ndata: b", events: [["message", "", "a"]] },
  {
    name: "an id in an incomplete last block",
    stream: "id: 1\ndata: a\n\nid: 2\n",
    events: [["message", "1", "a"]],
    lastId: "1",
  },
  {
    name: "several lines of data",
    stream: "data: a\ndata: b\ndata\ndata:\ndata: c\n\n",
    events: [["message", "", "a\nb\n\n\nc"]],
  },
  { name: "data without a colon", stream: "data\n\n", events: [["message", "", ""]] },
  { name: "empty data", stream: "data:\n\n", events: [["message", "", ""]] },
  { name: "two empty lines of data", stream: "data\ndata\n\n", events: [["message", "", "\n"]] },
  { name: "no space after the colon", stream: "data:a\n\n", events: [["message", "", "a"]] },
  { name: "two spaces after the colon", stream: "data:  a\n\n", events: [["message", "", " a"]] },
  { name: "a tab after the colon", stream: "data:\ta\n\n", events: [["message", "", "\ta"]] },
  {
    name: "a colon in the data",
    stream: "data: a: b\n\ndata::\n\n",
    events: [
      ["message", "", "a: b"],
      ["message", "", ":"],
    ],
  },
  {
    name: "comments",
    stream: ":\n: a\n:data: x\ndata: a\n:b\ndata: c\n\n:\n\n",
    events: [["message", "", "a\nc"]],
  },
  {
    name: "unknown fields",
    stream: "foo: a\nfoo\n data: b\ndatas: c\nDATA: d\ndata: e\n\n",
    events: [["message", "", "e"]],
  },
  { name: "a field whose name begins like data", stream: "data : a\n\ndat: b\n\ndata2\n\n", events: [] },
  {
    name: "an event name",
    stream: "event: token\ndata: a\n\ndata: b\n\n",
    events: [
      ["token", "", "a"],
      ["message", "", "b"],
    ],
  },
  { name: "the last of two names", stream: "event: a\nevent: b\ndata: c\n\n", events: [["b", "", "c"]] },
  { name: "an empty name", stream: "event: a\nevent:\ndata: c\n\n", events: [["message", "", "c"]] },
  { name: "a name without data", stream: "event: a\n\ndata: b\n\n", events: [["message", "", "b"]] },
  {
    name: "names that a listener would be called for",
    stream: "event: open\ndata: a\n\nevent: error\ndata: b\n\nevent: message\ndata: c\n\n",
    events: [
      ["open", "", "a"],
      ["error", "", "b"],
      ["message", "", "c"],
    ],
  },
  {
    name: "a name of an object's own",
    stream: "event: __proto__\ndata: a\n\nevent: constructor\ndata: b\n\n",
    events: [
      ["__proto__", "", "a"],
      ["constructor", "", "b"],
    ],
  },
  { name: "an id", stream: "id: 1\ndata: a\n\n", events: [["message", "1", "a"]], lastId: "1" },
  {
    name: "an id that is kept",
    stream: "id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n",
    events: [
      ["message", "1", "a"],
      ["message", "1", "b"],
      ["message", "2", "c"],
    ],
    lastId: "2",
  },
  {
    name: "an id behind the data",
    stream: "data: a\nid: 1\n\n",
    events: [["message", "1", "a"]],
    lastId: "1",
  },
  {
    name: "an empty id",
    stream: "id: 1\ndata: a\n\nid:\ndata: b\n\ndata: c\n\n",
    events: [
      ["message", "1", "a"],
      ["message", "", "b"],
      ["message", "", "c"],
    ],
    lastId: "",
  },
  {
    name: "an id without a colon",
    stream: "id: 1\ndata: a\n\nid\ndata: b\n\n",
    events: [
      ["message", "1", "a"],
      ["message", "", "b"],
    ],
    lastId: "",
  },
  {
    name: "an id with NUL",
    stream: "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
    events: [
      ["message", "1", "a"],
      ["message", "1", "b"],
    ],
    lastId: "1",
  },
  {
    name: "an id of a block without data",
    stream: "id: 7\n\ndata: a\n\n",
    events: [["message", "7", "a"]],
    lastId: "7",
  },
  { name: "only an id", stream: "id: 7\n\n", events: [], lastId: "7" },
  {
    name: "an id that resets without data",
    stream: "id: 1\ndata: a\n\nid\n\ndata: b\n\n",
    events: [
      ["message", "1", "a"],
      ["message", "", "b"],
    ],
    lastId: "",
  },
  {
    name: "an id with spaces",
    stream: "id:  1 \ndata: a\n\n",
    events: [["message", " 1 ", "a"]],
    lastId: " 1 ",
  },
  {
    name: "an id beyond ASCII",
    stream: "id: ä€😀\ndata: a\n\n",
    events: [["message", "ä€😀", "a"]],
    lastId: "ä€😀",
  },
  { name: "names like id", stream: "ids: 1\nID: 2\nid : 3\ndata: a\n\n", events: [["message", "", "a"]] },
  { name: "retry", stream: "retry: 1500\n\ndata: a\n\n", events: [["message", "", "a"]], retryMs: 1500 },
  { name: "retry in a block", stream: "retry:0\ndata: a\n\n", events: [["message", "", "a"]], retryMs: 0 },
  {
    name: "retry that isn't digits",
    stream: "retry: 1e3\nretry: -1\nretry: 1.5\nretry:  7\nretry\nretry: ٣\ndata: a\n\n",
    events: [["message", "", "a"]],
  },
  {
    name: "CR",
    stream: "event: a\rid: 1\rdata: b\rdata: c\r\rdata: d\r\r",
    events: [
      ["a", "1", "b\nc"],
      ["message", "1", "d"],
    ],
    lastId: "1",
  },
  {
    name: "CRLF",
    stream: "event: a\r\nid: 1\r\ndata: b\r\ndata: c\r\n\r\ndata: d\r\n\r\n",
    events: [
      ["a", "1", "b\nc"],
      ["message", "1", "d"],
    ],
    lastId: "1",
  },
  {
    name: "mixed ends of lines",
    stream: "data: a\r\n\rdata: b\n\r\ndata: c\r\ndata: d\n\n\r\r\n",
    events: [
      ["message", "", "a"],
      ["message", "", "b"],
      ["message", "", "c\nd"],
    ],
  },
  { name: "CR CR at the very end", stream: "data: a\r\r", events: [["message", "", "a"]] },
  {
    name: "LF CR is two ends",
    stream: "data: a\n\rdata: b\n\n",
    events: [
      ["message", "", "a"],
      ["message", "", "b"],
    ],
  },
  {
    name: "CR LF in one end doesn't end the block",
    stream: "data: a\r\ndata: b\r\n\r\n",
    events: [["message", "", "a\nb"]],
  },
  {
    name: "other line separators are text",
    stream: "data: a\u2028b\u0085c\u000bd\u000ce\n\n",
    events: [["message", "", "a\u2028b\u0085c\u000bd\u000ce"]],
  },
  { name: "one byte order mark", stream: "\ufeffdata: a\n\n", events: [["message", "", "a"]] },
  {
    name: "two byte order marks",
    stream: "\ufeff\ufeffdata: a\n\ndata: b\n\n",
    events: [["message", "", "b"]],
  },
  {
    name: "a byte order mark later on",
    stream: "data: a\n\n\ufeffdata: b\n\ndata: \ufeffc\n\n",
    events: [
      ["message", "", "a"],
      ["message", "", "\ufeffc"],
    ],
  },
  {
    name: "half a byte order mark",
    stream: Uint8Array.of(0xef, 0xbb, 0x0a, 0x64, 0x61, 0x74, 0x61, 0x3a, 0x61, 0x0a, 0x0a),
    events: [["message", "", "a"]],
  },
  { name: "the characters of a mark", stream: "ï»¿data: a\n\ndata: b\n\n", events: [["message", "", "b"]] },
  {
    name: "text beyond ASCII",
    stream: "event: ä\ndata: 日本語 😀 é\n\n",
    events: [["ä", "", "日本語 😀 é"]],
  },
  {
    name: "bytes that aren't UTF-8",
    stream: Uint8Array.of(0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x61, 0xe2, 0x82, 0x0a, 0x0a),
    events: [["message", "", "\ufffda\ufffd"]],
  },
  { name: "NUL in data", stream: "data: a\0b\n\n", events: [["message", "", "a\0b"]] },
  { name: "many empty lines", stream: "\n\n\ndata: a\n\n\n\n", events: [["message", "", "a"]] },
  {
    name: "JSON",
    stream: 'event: token\nid: evt_1\ndata: {"run_id":"run_1","delta":"a\\nb"}\n\n',
    events: [["token", "evt_1", '{"run_id":"run_1","delta":"a\\nb"}']],
    lastId: "evt_1",
  },
];

export function expectedEvents({ events }: Vector): RawEvent[] {
  return events.map(([event, id, data]) => ({ event, id, data }));
}

export function bytesOf({ stream }: Vector): Uint8Array {
  return typeof stream === "string" ? new TextEncoder().encode(stream) : stream;
}

export const chunkings: Record<string, (bytes: Uint8Array) => Uint8Array[]> = {
  whole: (bytes) => [bytes],
  "byte by byte": (bytes) => Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1)),
  "in thirds": (bytes) => {
    const third = Math.ceil(bytes.length / 3);
    return [0, 1, 2].map((index) => bytes.subarray(index * third, (index + 1) * third));
  },
};

/** A response whose body arrives in these chunks. */
export function answerOf(chunks: Iterable<Uint8Array>) {
  return {
    status: 200,
    header: () => "text/event-stream",
    async *chunks(): AsyncGenerator<Uint8Array, void> {
      yield* chunks;
    },
  };
}
