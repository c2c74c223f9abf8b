import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { InterruptedError } from "../../src/errors.js";
import { seeded } from "../api/trials.js";
import { addAutomation } from "../incident/fleet.js";
import { dailyInDowntime, serverAfterDowntime } from "../support/downtime.js";
import { type HermOptions, type HermResult, herm } from "../support/harness.js";
import { storyProblems } from "./history.js";
import { type FaultKind, faultKinds } from "./kinds.js";
import { type FaultTrial, faultMatrix } from "./matrix.js";
import { type Plan, Road } from "./road.js";
import { hourlyNames, type Place, readTruth, settle } from "./truth.js";

/** One case: which trial of which command, which faults, and the seed of all that is chosen at random. */
export interface FaultCase {
  command: string;
  trial: number;
  seed: number;
  /** One kind alone, on requests that the seed chooses; absent: any kind on any request. */
  kind?: string;
}

/** Written so, a case can be given to `HERM_FAULTS` and is run again. */
function caseText({ command, trial, seed, kind }: FaultCase): string {
  return [command, trial, seed, kind ?? "any"].join("|");
}

export function parseCase(text: string): FaultCase {
  const [command = "", trial, seed, kind] = text.split("|");
  return {
    command,
    trial: Number(trial),
    seed: Number(seed),
    ...(kind === "any" || kind === undefined ? {} : { kind }),
  };
}

const longestMs = 40_000;

/** How a case's commands are run: in this process, or as processes (process.ts). */
export interface Means {
  /** Without a fault. */
  first(words: readonly string[]): Promise<unknown>;
  run(trial: FaultTrial, options: PlacedRun): Promise<{ claim: HermResult; road: Road }>;
  close(): Promise<void>;
}

/** Runs a case and gives what the command claimed that isn't so, each with how to run it again. */
export async function runCase(faultCase: FaultCase, open = inThisProcess): Promise<string[]> {
  const over = new AbortController();
  const late = pause(longestMs, [`never ended\n${again(faultCase)}`], { signal: over.signal });
  late.catch(() => undefined);
  try {
    return await Promise.race([problemsOf(faultCase, open), late]);
  } finally {
    over.abort();
  }
}

function again(faultCase: FaultCase): string {
  return `  again: HERM_FAULTS='${caseText(faultCase)}' npx vitest run test/faults`;
}

async function problemsOf(faultCase: FaultCase, open: (home: Home) => Promise<Means>): Promise<string[]> {
  const trial = faultMatrix[faultCase.command]?.[faultCase.trial];
  if (trial === undefined) throw new Error(`there is no trial ${caseText(faultCase)}`);
  return inPlace(trial, open, async ({ server, home, now: begun, means, place }) => {
    for (const [name, text] of Object.entries(trial.files ?? {})) writeFileSync(join(home, name), text);
    for (const words of trial.first?.(place) ?? []) await means.first(words);
    const passedMs = (trial.hours ?? 0) * 3_600_000;
    await server.advance(passedMs / 1000);
    const now = new Date(begun.getTime() + passedMs);
    const run = (options: RunOptions) => means.run(trial, { ...options, place, now });
    const reference = trial.changes === undefined ? await run({ plan: noFault, seed: 0 }) : undefined;
    const before = await readTruth(server);
    const { claim, road } = await run({ plan: planOf(faultCase, trial), seed: faultCase.seed });
    await road.arrive();
    const after = await readTruth(server);
    const { passages } = road;
    const problems = storyProblems(trial, {
      place,
      before,
      after,
      claim,
      passages,
      reference: reference?.claim,
    });
    if (trial.isFinished !== undefined) {
      const { claim: last } = await run({ plan: noFault, seed: 0 });
      if (last.code !== 0 || !trial.isFinished(await readTruth(server)))
        problems.push(`the same command again doesn't finish it:\n${told(last)}`);
    }
    return problems.map((problem) => `${problem}\n${again(faultCase)}\n${told(claim)}`);
  });
}

export interface Home {
  server: Awaited<ReturnType<typeof embedDevServer>>;
  home: string;
  /** The server's time. */
  now: Date;
}

async function inPlace<T>(
  { hasDowntime }: FaultTrial,
  open: (home: Home) => Promise<Means>,
  work: (place: Home & { means: Means; place: Place }) => Promise<T>,
): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "herm-faults-"));
  const { server, place, now } = await (hasDowntime === true ? settledAfterDowntime(home) : settled());
  const means = await open({ server, home, now });
  try {
    return await work({ server, home, now, means, place });
  } finally {
    await means.close();
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

interface Settled extends Omit<Home, "home"> {
  place: Place;
}

async function settled(): Promise<Settled> {
  const server = await embedDevServer();
  return { server, place: await settle(server), now: new Date() };
}

/** `hourly 1` and `hourly 2` are due once a day, and missed that in a downtime of a day. */
async function settledAfterDowntime(home: string): Promise<Settled> {
  const kept = { dataFile: join(home, "downtime.db"), apiKey: "hk_faults_0000" };
  const { server, nowMs, filled } = await serverAfterDowntime(kept, async (before) => {
    const place = await settle(before);
    for (const name of hourlyNames) await addAutomation(before, { name, schedule: dailyInDowntime() });
    return place;
  });
  return { server, place: filled, now: new Date(nowMs) };
}

const noFault: Plan = () => undefined;

interface RunOptions {
  plan: Plan;
  seed: number;
}

/** A run of the command itself, by then. */
interface PlacedRun extends RunOptions {
  place: Place;
  now: Date;
}

async function inThisProcess({ server, home, now }: Home): Promise<Means> {
  return {
    first: (words) => herm(words, { server, home, now }),
    run: (trial, options) => runTrial(trial, { server, home, ...options }),
    close: async () => undefined,
  };
}

type Running = Home & PlacedRun;

async function runTrial(
  trial: FaultTrial,
  { server, home, now, place, plan, seed }: Running,
): Promise<{ claim: HermResult; road: Road }> {
  const road = new Road({ server, plan, seed, ...(trial.isFollowing ? { shortenedBy: 100 } : {}) });
  const options: HermOptions = { server, home, now };
  const faulty = {
    ...options,
    fetch: road.fetch,
    sleep: road.sleep,
    monotonic: road.monotonic,
    timer: road.timer,
    random: road.random,
  };
  const watched = trial.until === undefined ? undefined : new Until(trial.until);
  const claim = await herm(trial.argv(place), {
    ...faulty,
    ...(trial.stdin === undefined ? {} : { stdin: server.apiKey, key: null }),
    ...(watched === undefined ? {} : { stdout: watched, signal: watched.seen.signal }),
  });
  return { claim: watched === undefined ? claim : { ...claim, stdout: watched.text }, road };
}

/** Interrupts once a text has come. */
class Until extends Writable {
  readonly seen = new AbortController();
  readonly #awaited: string;
  text = "";

  constructor(awaited: string) {
    super();
    this.#awaited = awaited;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString("utf8");
    if (this.text.includes(this.#awaited)) {
      this.text = this.text.slice(0, this.text.indexOf(this.#awaited));
      this.seen.abort(new InterruptedError("SIGINT"));
    }
    done();
  }
}

function planOf({ kind: name, seed }: FaultCase, trial: FaultTrial): Plan {
  const random = seeded(seed * 7919 + 1);
  const pick = (count: number) => Math.floor(random() * count);
  if (name === undefined) {
    const share = [0.1, 0.25, 0.5][pick(3)] ?? 0.1;
    return ({ method }) =>
      random() < share ? fitting(faultKinds[pick(faultKinds.length)], method) : undefined;
  }
  const kind = faultKinds.find((each) => each.name === name);
  const times = [1, 2, 3, trial.isFollowing ? 4 : Number.POSITIVE_INFINITY][pick(4)] ?? 1;
  const isRead = trial.changes === undefined || pick(4) === 0;
  const first = 1 + (pick(2) === 0 ? 0 : pick(4));
  return ({ method, nth }) =>
    (method === "GET") === isRead && nth >= first && nth < first + times ? fitting(kind, method) : undefined;
}

function fitting(kind: FaultKind | undefined, method: string): FaultKind | undefined {
  return kind?.isOnceOnly && method !== "POST" ? undefined : kind;
}

function told({ code, stdout, stderr }: HermResult): string {
  return `  exit ${code}\n  stdout: ${stdout.slice(0, 600)}\n  stderr: ${stderr.slice(-600)}`;
}
