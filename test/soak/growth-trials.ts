import { Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { FetchLike, FetchResponse } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { main } from "../../src/main.js";
import { testClient } from "../api/scripted-server.js";
import { answer } from "../support/fake-api.js";
import { testSystem } from "../support/harness.js";

export interface GrowthTrial {
  /** Rounds before the first measurement, in which everything that is made only once is made. */
  warmUp: number;
  /** Rounds between two measurements. */
  rounds: number;
}

const collectGarbage = garbageCollector();
const spans = 5;

function garbageCollector(): () => void {
  const bun: { gc(isComplete: boolean): void } | undefined = Reflect.get(globalThis, "Bun");
  if (bun !== undefined) return () => bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** Measures along the way: call `round` once in each round; it returns true for the last. */
class Meter {
  readonly #trial: GrowthTrial;
  readonly #bytes: number[] = [];
  #round = 0;

  constructor(trial: GrowthTrial) {
    this.#trial = trial;
  }

  async round(): Promise<boolean> {
    const { warmUp, rounds } = this.#trial;
    this.#round += 1;
    if (this.#round >= warmUp && (this.#round - warmUp) % rounds === 0) this.#bytes.push(await heapBytes());
    return this.#bytes.length > spans;
  }

  /**
   * A leak shows in every span, but what the engine learns or cleans up late shows only in some, so the median counts.
   */
  get bytesPerRound(): number {
    const growths = this.#bytes.slice(1).map((bytes, index) => bytes - (this.#bytes[index] ?? 0));
    growths.sort((one, other) => one - other);
    return (growths[Math.floor(spans / 2)] ?? Number.NaN) / this.#trial.rounds;
  }
}

async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 4; turn += 1) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  return process.memoryUsage().heapUsed;
}

/** The growth of the heap in bytes per read of `herm automations list --watch` with two deployments. */
export async function growthOverLooks(trial: GrowthTrial): Promise<number> {
  const meter = new Meter(trial);
  const end = new AbortController();
  await run(["automations", "list", "--all-deployments", "--watch"], {
    signal: end.signal,
    fetch: async (url) => listAnswer(new URL(url).pathname),
    sleep: async (_ms, signal) => {
      if (await meter.round()) end.abort(new InterruptedError());
      signal?.throwIfAborted();
    },
  });
  return meter.bytesPerRound;
}

/** The same per reconnect of a stream that ends after one event. */
export async function growthOverReconnects(trial: GrowthTrial): Promise<number> {
  const meter = new Meter(trial);
  const end = new AbortController();
  await readStream(end, async () => {
    if (await meter.round()) end.abort(new InterruptedError());
    return [token(0)];
  });
  return meter.bytesPerRound;
}

const tokensInARound = 1_000;

/** The same per thousand tokens of one stream. */
export async function growthOverTokens(trial: GrowthTrial): Promise<number> {
  const meter = new Meter(trial);
  const end = new AbortController();
  await readStream(end, async () => tokens(meter, end));
  return meter.bytesPerRound;
}

async function readStream(
  end: AbortController,
  open: () => Promise<Iterable<string> | AsyncIterable<string>>,
): Promise<void> {
  const { herm } = testClient("http://127.0.0.1", { fetch: async () => streamOf(await open()) });
  const stream = await herm.deployments.events.open("dep_1", {}, { signal: end.signal });
  const read = async () => {
    for await (const _batch of stream);
  };
  await read().catch((error: unknown) => end.signal.aborted || Promise.reject(error));
}

async function* tokens(meter: Meter, end: AbortController): AsyncGenerator<string> {
  for (let round = 0; ; round += 1) {
    if (await meter.round()) end.abort(new InterruptedError());
    const first = round * tokensInARound;
    yield Array.from(
      { length: tokensInARound },
      (_, index) => `id: evt_${String(first + index).padStart(9, "0")}\n${token(index)}`,
    ).join("");
  }
}

function token(index: number): string {
  return `event: token\ndata: ${JSON.stringify({ run_id: "run_1", delta: `word ${index} ` })}\n\n`;
}

function streamOf(pieces: Iterable<string> | AsyncIterable<string>): FetchResponse {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) yield Buffer.from(piece);
  }
  return { ...answer(200, "", "text/event-stream"), body: bytes() };
}

function listAnswer(path: string): FetchResponse {
  if (path === "/v1/deployments") return answer(200, page(deployment(1), deployment(2)));
  if (path.endsWith("/automations")) return answer(200, page(automation(1), automation(2)));
  return answer(path === "/v1/deployments/dep_1" ? 200 : 404, JSON.stringify(deployment(1)));
}

function page(...data: object[]): string {
  return JSON.stringify({ data, next_cursor: null });
}

function deployment(number: number) {
  return {
    deployment_id: `dep_${number}`,
    customer_id: `cus_${number}`,
    name: `Shop ${number}`,
    status: "ready",
    created_at: "2026-03-02T09:00:00Z",
  };
}

function automation(number: number) {
  return {
    automation_id: `auto_${number}`,
    name: `Report ${number}`,
    schedule: "0 9 * * 1",
    enabled: true,
    next_run_at: "2026-03-09T09:00:00Z",
  };
}

interface Run {
  fetch: FetchLike;
  signal: AbortSignal;
  sleep?(ms: number, signal?: AbortSignal): Promise<void>;
}

async function run(argv: string[], options: Run): Promise<void> {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const system = testSystem(
    { ...options, tty: true, key: "key_of_the_tests", home: "/nonexistent" },
    nowhere(),
    nowhere(),
  );
  const code = await main(argv, system);
  if (code !== 130) throw new Error(`herm ${argv.join(" ")} ended with ${code}`);
}
