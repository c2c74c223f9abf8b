import { type ClientOptions, HermClient } from "../../src/api/client.js";
import type { FetchInit, FetchResponse } from "../../src/api/fetch.js";
import { RetryBudget } from "../../src/api/retry/retry.js";
import { settle, VirtualTime } from "./virtual-time.js";

/**
 * One connection: the response's status and bytes, and how it ends. With a fault instead, the connection isn't made.
 */
export interface Connection {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array | (string | Uint8Array)[];
  /** `end`: closed cleanly. `cut`: reset. `hang`: left open without data. */
  ending?: "end" | "cut" | "hang";
  refused?: boolean;
}

export interface ScriptedStream {
  herm: HermClient;
  time: VirtualTime;
  /** The `Last-Event-ID` of each connection; undefined if there was none. */
  asked: (string | undefined)[];
  /** The number of responses that are still open. */
  open(): number;
  /** Sends bytes on the hanging connection. */
  push(bytes: string): Promise<void>;
}

/** A client with its own clock, whose connections follow a script, repeating the last. */
export function scriptedStream(script: Connection[], options: ClientOptions = {}): ScriptedStream {
  const time = new VirtualTime();
  const asked: (string | undefined)[] = [];
  const openAnswers = new Set<object>();
  let pushTo: ((bytes: Uint8Array) => void) | undefined;

  async function connect(_url: string, init: FetchInit): Promise<FetchResponse> {
    asked.push(init.headers["last-event-id"]);
    const connection = script[Math.min(asked.length, script.length) - 1] ?? {};
    if (connection.refused === true) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    const { status = 200, headers = {}, body = [], ending = "end" } = connection;
    const fields: Record<string, string> = { "content-type": "text/event-stream", ...headers };
    const answer = {};
    openAnswers.add(answer);
    const waiting = [body].flat().map((part) => Buffer.from(part));
    let onBytes: () => void = () => {};
    pushTo = (bytes) => {
      waiting.push(Buffer.from(bytes));
      onBytes();
    };
    return {
      status,
      headers: { get: (name) => fields[name.toLowerCase()] ?? null },
      body: {
        [Symbol.asyncIterator]: () => ({
          async next() {
            if (waiting.length === 0 && ending === "hang") {
              await new Promise<void>((resolve, reject) => {
                const onAbort = () => reject(init.signal?.reason);
                onBytes = () => {
                  init.signal?.removeEventListener("abort", onAbort);
                  resolve();
                };
                init.signal?.addEventListener("abort", onAbort);
              });
            }
            const value = waiting.shift();
            if (value !== undefined) return { done: false, value };
            openAnswers.delete(answer);
            if (ending === "cut") throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
            return { done: true, value: undefined };
          },
          async return() {
            openAnswers.delete(answer);
            return { done: true, value: undefined };
          },
        }),
      },
    };
  }

  const herm = new HermClient({
    apiKey: "k",
    retryBudget: new RetryBudget(),
    random: () => 0,
    sleep: time.sleep,
    timer: time.timer,
    now: time.now,
    monotonic: time.monotonic,
    fetch: connect,
    ...options,
  });
  return {
    herm,
    time,
    asked,
    open: () => openAnswers.size,
    async push(bytes) {
      pushTo?.(Buffer.from(bytes));
      await settle();
    },
  };
}

/** Events as a stream's text: `1 2` is two of them, with ids `evt_1` and `evt_2`. */
export function eventsText(numbers: string): string {
  return numbers
    .split(" ")
    .map((number) => `event: token\nid: evt_${number}\ndata: {"n":${number}}\n\n`)
    .join("");
}
