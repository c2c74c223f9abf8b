import { HermClient } from "../../src/api/client.js";
import type { FetchInit, FetchResponse } from "../../src/api/fetch.js";
import { OutageRetry } from "../../src/api/retry/outage-retry.js";
import type { ItemResult } from "../../src/fleet/outcome.js";
import { type Execution, execute } from "../../src/fleet/worker-pool.js";
import { VirtualTime } from "../api/virtual-time.js";

/** How requests fail in an outage. `lost`: carried out, but the response is lost. */
export const ways = ["refused", "reset", "lost", "503", "429", "hangs"] as const;
type Way = (typeof ways)[number];

export interface Outage {
  fromMs: number;
  forMs: number;
  way: Way;
}

export interface TrialOptions {
  count?: number;
  concurrency?: number;
  maxWaitMs?: number;
  outages: readonly Outage[];
  /** In [0, 1). */
  random?(): number;
  /** For each request; default 50. */
  tookMs?: number;
  /** Replaces the API's response, for one item. */
  refuses?(item: number): number | undefined;
  execution?: Partial<Execution<number, undefined>>;
}

interface Request {
  atMs: number;
  item: number;
  method: string;
  /** Among its item's PATCHes. */
  isFirst: boolean;
}

const url = "http://127.0.0.1:9/v1/deployments/dep_1/automations/auto_";

/** Pauses many automations through the real client and the real executor, in virtual time. */
export async function runTrial(options: TrialOptions) {
  const { count = 200, concurrency = 8, maxWaitMs = 60_000, outages, tookMs = 50 } = options;
  const time = new VirtualTime();
  const requests: Request[] = [];
  const paused = new Set<number>();
  const told: number[] = [];
  let lastSuccessMs = 0;

  const answer = async (address: string, { method, signal }: FetchInit): Promise<FetchResponse> => {
    const item = Number(address.slice(url.length));
    const isFirst = !requests.some((each) => each.item === item && each.method === method);
    requests.push({ atMs: time.monotonic(), item, method, isFirst });
    const outage = outageAt(outages, time.monotonic());
    if (outage?.way === "refused") throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    if (outage?.way === "hangs") return time.sleep(1e9, signal).then(() => json(500, {}));
    await time.sleep(tookMs, signal);
    const refusal = options.refuses?.(item);
    if (refusal !== undefined) return json(refusal, { error: "x", message: "no" });
    if (outage === undefined || outage.way === "lost") paused.add(item);
    if (outage?.way === "503" || outage?.way === "429") return json(Number(outage.way), {});
    if (outage !== undefined) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
    lastSuccessMs = time.monotonic();
    const enabled = method === "GET" ? !paused.has(item) : false;
    return json(200, { automation_id: `auto_${item}`, name: "a", schedule: "0 9 * * *", enabled });
  };
  const herm = new HermClient({
    apiKey: "key",
    baseUrl: "http://127.0.0.1:9",
    fetch: answer,
    maxWaitMs,
    sleep: time.sleep,
    timer: time.timer,
    now: time.now,
    monotonic: time.monotonic,
    random: options.random ?? (() => 0.5),
  });
  const onOutage = () => void told.push(time.monotonic());
  const outageRetry = herm.retryOutages((settings) => new OutageRetry({ ...settings, onOutage }));
  const work = execute<number, undefined>({
    items: Array.from({ length: count }, (_, at) => at),
    concurrency,
    outageRetry,
    signal: new AbortController().signal,
    run: async (item) => {
      await herm.automations.update("dep_1", `auto_${item}`, { enabled: false });
      return { result: "done", value: undefined };
    },
    ...options.execution,
  });
  const end = await driven(work, time);
  return { ...end, requests, paused, told, lastSuccessMs };
}

interface End {
  results: ItemResult<number, undefined>[];
  endedMs: number;
  /** Pending waits, which would keep the process alive. */
  waiting: number;
}

/** Moves the clock until the work has ended. */
async function driven(work: Promise<ItemResult<number, undefined>[]>, time: VirtualTime): Promise<End> {
  let end: End | undefined;
  const watched = work.then((results) => {
    end = { results, endedMs: time.monotonic(), waiting: time.waiting };
  });
  for (let seconds = 0; end === undefined && seconds < 3600; seconds += 1) await time.advance(1000);
  if (end === undefined) throw new Error("the work never ended");
  await watched;
  return end;
}

function outageAt(outages: readonly Outage[], atMs: number): Outage | undefined {
  return outages.find(({ fromMs, forMs }) => atMs >= fromMs && atMs < fromMs + forMs);
}

function json(status: number, body: object): FetchResponse {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return {
    status,
    headers: { get: (name) => (name === "content-type" ? "application/json" : null) },
    body: (async function* () {
      yield bytes;
    })(),
  };
}
