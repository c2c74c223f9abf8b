import { setTimeout as pause } from "node:timers/promises";
import { type HermOptions, type HermResult, herm } from "../support/harness.js";
import { seeded } from "../support/seed.js";
import { storyProblems } from "./history.js";
import { type FaultKind, faultKinds } from "./kinds.js";
import { type FaultTrial, faultMatrix } from "./matrix.js";
import { type Home, inPlace, type Opened } from "./place.js";
import { type Plan, Road } from "./road.js";
import { type Place, readTruth } from "./truth.js";

/** One case: a command's trial, its faults, and the seed for all random choices. */
export interface FaultCase {
  command: string;
  trial: number;
  seed: number;
  /** A single kind of fault, on requests that the seed chooses; absent: any kind on any request. */
  kind?: string;
}

/** In this form, a case can be passed in `HERM_FAULTS` to run it again. */
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

export interface Means extends Opened {
  run(trial: FaultTrial, options: PlacedRun): Promise<{ claim: HermResult; road: Road }>;
}

/** A run of the command itself, so far. */
interface PlacedRun {
  plan: Plan;
  seed: number;
  place: Place;
  now: Date;
}

const noFault: Plan = () => undefined;

/** Runs a case; returns the command's false claims, each with how to run it again. */
export function runCase(faultCase: FaultCase, open = inThisProcess): Promise<string[]> {
  return runCases(trialOf(faultCase), [faultCase], open);
}

/** Runs the cases of one trial; a trial that only reads uses one server for all of them. */
export async function runCases(
  trial: FaultTrial,
  cases: readonly FaultCase[],
  open: (home: Home) => Promise<Means> = inThisProcess,
): Promise<string[]> {
  if (trial.changes === undefined) return inPlace(trial, open, (world) => problemsOf(trial, cases, world));
  const problems: string[] = [];
  for (const each of cases)
    problems.push(...(await inPlace(trial, open, (world) => problemsOf(trial, [each], world))));
  return problems;
}

/** All cases except those whose kind of fault needs requests that the trial doesn't send, even without faults. */
export function casesThatHarm(trial: FaultTrial, cases: readonly FaultCase[]): Promise<FaultCase[]> {
  return inPlace(trial, inThisProcess, async ({ means, place, now }) => {
    const { passages } = (await means.run(trial, { plan: noFault, seed: 0, place, now })).road;
    return cases.filter((each) => each.kind === undefined || passages.some(planOf(each, trial)));
  });
}

function trialOf(faultCase: FaultCase): FaultTrial {
  const trial = faultMatrix[faultCase.command]?.[faultCase.trial];
  if (trial === undefined) throw new Error(`there is no trial ${caseText(faultCase)}`);
  return trial;
}

function again(faultCase: FaultCase): string {
  return `  again: HERM_FAULTS='${caseText(faultCase)}' npx vitest run test/faults`;
}

async function problemsOf(
  trial: FaultTrial,
  cases: readonly FaultCase[],
  { server, means, place, now }: Home & { means: Means },
): Promise<string[]> {
  const whole = async () => (await means.run(trial, { plan: noFault, seed: 0, place, now })).claim;
  const reference = trial.changes === undefined ? await whole() : undefined;
  const before = await readTruth(server);
  const problems: string[] = [];
  for (const each of cases) {
    const { claim, road } = await inTime(
      each,
      means.run(trial, { plan: planOf(each, trial), seed: each.seed, place, now }),
    );
    await road.arrive();
    const after = trial.changes === undefined ? before : await readTruth(server);
    const { passages } = road;
    const found = storyProblems(trial, { place, before, after, claim, passages, reference });
    if (trial.isFinished !== undefined) {
      const last = await whole();
      if (![0, trial.again].includes(last.code) || !trial.isFinished(await readTruth(server), place))
        found.push(`the same command again doesn't finish it:\n${told(last)}`);
    }
    problems.push(...found.map((problem) => `${problem}\n${again(each)}\n${told(claim)}`));
  }
  return problems;
}

async function inTime<T>(faultCase: FaultCase, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = pause(longestMs, undefined, { signal: over.signal }).then((): never => {
    throw new Error(`never ended\n${again(faultCase)}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

async function inThisProcess({ server, home, now }: Home): Promise<Means> {
  return {
    first: (words) => herm(words, { server, home, now }),
    run: (trial, options) => runTrial(trial, { server, home, ...options }),
    close: async () => undefined,
  };
}

async function runTrial(
  trial: FaultTrial,
  { server, home, now, place, plan, seed }: PlacedRun & Pick<Home, "server" | "home">,
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
  const claim = await herm(trial.argv(place), {
    ...faulty,
    ...(trial.stdin === undefined ? {} : { stdin: server.apiKey, key: null }),
  });
  return { claim, road };
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
  return kind?.isFor?.(method) === false ? undefined : kind;
}

function told({ code, stdout, stderr }: HermResult): string {
  return `  exit ${code}\n  stdout: ${stdout.slice(0, 600)}\n  stderr: ${stderr.slice(-600)}`;
}
