import { HermClient } from "../../src/api/client.js";
import { readEvents } from "../../src/api/events/read-events.js";
import type { FetchInit, FetchResponse } from "../../src/api/fetch.js";
import { RetryBudget } from "../../src/api/retry/retry.js";
import type { RawEvent } from "../../src/api/types.js";
import { seeded } from "../support/seed.js";
import { answerOf, bytesOf, chunkings, expectedEvents, vectors } from "./event-vectors.js";

export interface CutTrial {
  seed: number;
  events: number;
  cuts: number;
}

export interface CutResult {
  lost: number;
  doubled: number;
  disordered: number;
  connections: number;
}

/**
 * Reads a stream whose connections break off at any byte, even inside a character or between CR and LF, and whose
 * replays repeat 0 to 10 events. No time passes.
 */
export async function readThroughCuts({ seed, events, cuts }: CutTrial): Promise<CutResult> {
  const random = seeded(seed);
  const blocks = Array.from({ length: events }, (_, index) => blockOf(index, random));
  const averageBytes = blocks.reduce((sum, block) => sum + block.length, 0) / cuts;
  let connections = 0;

  const connect = async (_url: string, { headers }: FetchInit): Promise<FetchResponse> => {
    const seen = Number((headers["last-event-id"] ?? "evt_-1").slice(4));
    const from = Math.max(0, seen + 1 - Math.floor(random() * 11));
    const whole = Buffer.concat(blocks.slice(from, from + Math.ceil((averageBytes * 4) / 40) + 20));
    connections += 1;
    const isCut = connections <= cuts;
    const bytes = isCut
      ? whole.subarray(0, Math.floor(random() * 2 * averageBytes))
      : Buffer.concat(blocks.slice(from));
    return {
      status: 200,
      headers: { get: (name) => (name === "content-type" ? "text/event-stream" : null) },
      body: pieces(bytes, { random, isCut }),
    };
  };

  const herm = new HermClient({
    apiKey: "k",
    fetch: connect,
    retryBudget: new RetryBudget(),
    sleep: async () => {},
    timer: () => () => {},
  });
  const ids: number[] = [];
  const stream = await herm.deployments.events.open("dep_1");
  for await (const batch of stream) {
    for (const { id, data } of batch)
      ids.push(data === dataOf(Number(id.slice(4))) ? Number(id.slice(4)) : Number.NaN);
    if (ids.at(-1) === events - 1 && connections > cuts) break;
  }
  const unique = new Set(ids);
  return {
    lost: events - unique.size,
    doubled: ids.length - unique.size,
    disordered: ids.filter((id, index) => index > 0 && id <= (ids[index - 1] ?? -1)).length,
    connections,
  };
}

function dataOf(index: number): string {
  return `{"n":${index},"delta":"Wort ${index} – 日本 😀"}`;
}

function blockOf(index: number, random: () => number): Buffer {
  const end = ["\n", "\r\n", "\r"][Math.floor(random() * 3)] ?? "\n";
  const comment = random() < 0.1 ? `: beat${end}` : "";
  return Buffer.from(`${comment}event: token${end}id: evt_${index}${end}data: ${dataOf(index)}${end}${end}`);
}

async function* pieces(bytes: Buffer, { random, isCut }: { random: () => number; isCut: boolean }) {
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + 1 + Math.floor(random() * 2000));
    yield bytes.subarray(start, end);
    start = end;
  }
  if (isCut && random() < 0.5) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
}

/** The number of conformance cases, each split into chunks in every way, with the result that the standard requires. */
export async function conformingCases(): Promise<{ cases: number; conforming: number }> {
  let cases = 0;
  let conforming = 0;
  for (const vector of vectors) {
    for (const chunk of Object.values(chunkings)) {
      const events: RawEvent[] = [];
      for await (const parsed of readEvents(answerOf(chunk(bytesOf(vector))), { lastId: "", silentMs: 1000 }))
        events.push(...parsed.events);
      cases += 1;
      if (JSON.stringify(events) === JSON.stringify(expectedEvents(vector))) conforming += 1;
    }
  }
  return { cases, conforming };
}

/**
 * The number of connections within 10 s to a server that closes each at once and sends `retry`; without jitter, which
 * is the worst case.
 */
export async function connectionsUnderRetry(retry: string): Promise<number> {
  const stop = new AbortController();
  let number = 0;
  let elapsedMs = 0;
  const herm = new HermClient({
    apiKey: "k",
    retryBudget: new RetryBudget(),
    random: () => 0,
    monotonic: () => elapsedMs,
    timer: () => () => {},
    sleep: async (ms) => {
      elapsedMs += ms;
      if (elapsedMs >= 10_000) stop.abort();
      stop.signal.throwIfAborted();
    },
    fetch: async () => {
      number += 1;
      return {
        status: 200,
        headers: { get: (name) => (name === "content-type" ? "text/event-stream" : null) },
        body: pieces(Buffer.from(`retry: ${retry}\nid: evt_${number}\ndata: a\n\n`), {
          random: () => 0.9,
          isCut: false,
        }),
      };
    },
  });
  try {
    for await (const _batch of await herm.deployments.events.open("dep_1", {}, { signal: stop.signal }));
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
  }
  return number;
}
