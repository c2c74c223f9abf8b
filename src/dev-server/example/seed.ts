import { nextTimes } from "../../schedule/cron-times.js";
import { readSchedule } from "../../schedule/read.js";
import type { AgentStep } from "../agent.js";
import { addAutomation, addDeployment, type Seed, type StoreAndClock } from "../engine.js";
import type { IdPrefix } from "../ids.js";
import { type Output, RunWriter } from "../runs.js";
import type { StoredAutomation, StoredRun } from "../store/records.js";
import { type ExampleAutomation, type ExampleDeployment, fleet } from "./fleet.js";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const runsInStep = 500;

/** Fills a store with the example fleet, identical at the same server time, including ids. */
export const seed: Seed = (begun, onStep) => new Seeding(begun, onStep).run();

class Seeding {
  readonly #nowMs: number;
  /** Where the seeded time ends: the server itself starts the runs due in the last minute. */
  readonly #seenMs: number;
  readonly #time: { ms: number; now(): number };

  constructor(
    private readonly begun: StoreAndClock,
    private readonly onStep: (text: string) => void = () => undefined,
  ) {
    this.#nowMs = begun.clock.now();
    this.#seenMs = this.#nowMs - minuteMs;
    this.#time = { ms: this.#nowMs, now: () => this.#time.ms };
  }

  run(): void {
    const runs = fleet.flatMap((deployment, index) => this.#addDeployment(deployment, index));
    const inOrder = runs.sort((one, other) => one.run.started_at - other.run.started_at);
    for (let at = 0; at < inOrder.length; at += runsInStep) {
      this.onStep(`writing the example: ${at} of ${inOrder.length} runs`);
      this.#addRuns(inOrder.slice(at, at + runsInStep));
    }
  }

  #addDeployment({ customer, name, automations }: ExampleDeployment, index: number): PastRun[] {
    const draw = seededRandom(name);
    this.#time.ms = this.#nowMs - (200 - 8 * index) * dayMs - Math.floor(draw() * dayMs);
    const { deployment_id } = addDeployment(
      { store: this.begun.store, clock: this.#time },
      {
        deployment_id: drawId("dep", draw),
        thread_id: drawId("thr", draw),
        customer_id: `cus_${customer.toLowerCase().replaceAll(" ", "_")}`,
        name,
        system_prompt: `You work for ${customer}.`,
        model: "scripted",
        settlesInMs: 0,
        outcome: "ready",
      },
    );
    return automations.flatMap((automation) => {
      this.#time.ms += Math.floor((1 + draw()) * 20 * minuteMs);
      return this.#addAutomation(automation, {
        deployment_id,
        draw: seededRandom(`${name}/${automation.task.name}`),
      });
    });
  }

  #addAutomation(
    { task, quirk }: ExampleAutomation,
    { deployment_id, draw }: { deployment_id: string; draw: Draw },
  ): PastRun[] {
    const { name, schedule } = task;
    const reading = readSchedule(schedule);
    if (!reading.ok) throw new Error(reading.reason);
    const { cron } = reading;
    const enabled = quirk.pausedDays === undefined;
    const created_at = this.#time.now();
    const updated_at = enabled ? created_at : this.#nowMs - (quirk.pausedDays ?? 0) * dayMs;
    const [next] = enabled ? nextTimes(cron, new Date(this.#seenMs), 1) : [];
    const automation = {
      automation_id: drawId("auto", draw),
      deployment_id,
      name,
      schedule,
      cron,
      instructions: instructionsOf({ task, quirk }),
      thread_id: drawId("thr", draw),
      enabled,
      next_run_at: next?.getTime() ?? null,
      created_at,
      updated_at,
    };
    addAutomation(this.begun.store, automation, { hasOwnThread: true });
    const untilMs = enabled ? this.#seenMs : updated_at;
    return pastRuns({ automation, task, quirk, untilMs, draw });
  }

  #addRuns(runs: readonly PastRun[]): void {
    const writer = new RunWriter(this.begun.store, this.#time);
    for (const { run, endsAt, steps, end } of runs) {
      this.#time.ms = run.started_at;
      writer.begin(run);
      this.#time.ms = endsAt;
      if (end?.type === "ask") writer.ask(run, steps, end.summary);
      else writer.finish(run, steps, end?.reason ?? null);
    }
  }
}

/** Adds the lines that direct the agent, so that problems persist. */
function instructionsOf({ task, quirk }: ExampleAutomation): string {
  const lines = [task.instructions];
  if (quirk.failed !== undefined) lines.push(`@dev fail ${quirk.failed[1]}`);
  if (quirk.asks !== undefined) lines.push(`@dev ask ${quirk.asks}`);
  return lines.join("\n");
}

/** Maximum number of runs per automation: more than the API returns. */
const mostRuns = 21;

const failures = ["the model didn't respond within 120 s", "503 from the customer's server", "out of memory"];

/** A run that has ended or is waiting for an answer. */
interface PastRun {
  run: StoredRun;
  endsAt: number;
  steps: Output[];
  end: Extract<AgentStep, { type: "ask" | "fail" }> | undefined;
}

interface Past extends ExampleAutomation {
  automation: Omit<StoredAutomation, "seq">;
  untilMs: number;
  draw: Draw;
}

/** An automation's runs until a time, newest first, so that the nth-newest is the same at any time. */
function pastRuns(past: Past): PastRun[] {
  const due = newestDue(past);
  const runs = due.map((dueAt, age) =>
    pastRun(past, { age, dueAt, intervalMs: (due[age - 1] ?? past.untilMs) - dueAt }),
  );
  return runs.slice(past.quirk.missed ?? 0);
}

function newestDue({ automation: { cron, created_at }, untilMs }: Past): number[] {
  let due: number[] = [];
  // Looks further back each time, because the shorter the interval, the fewer days are enough.
  for (const days of [0.4, 1.2, 3, 8, 40, 250]) {
    const fromMs = Math.max(created_at, untilMs - days * dayMs);
    const times = nextTimes(cron, new Date(fromMs), 3 * mostRuns).map((time) => time.getTime());
    due = times.filter((ms) => ms <= untilMs).slice(-mostRuns);
    if (due.length === mostRuns) break;
  }
  return due.reverse();
}

function pastRun(
  { automation, task, quirk, untilMs, draw }: Past,
  { age, dueAt, intervalMs }: { age: number; dueAt: number; intervalMs: number },
): PastRun {
  const { deployment_id, automation_id, thread_id, instructions } = automation;
  const run_id = drawId("run", draw);
  const [chance, length, count] = [draw(), draw(), Math.floor(2 + 40 * draw())];
  const delayMs = quirk.isTardy && chance < 0.3 ? 25 * minuteMs : 4_000;
  const started_at = Math.min(Math.floor(dueAt + delayMs * (0.5 + length)), untilMs);
  const usualMs = quirk.isSlow ? intervalMs : Math.min(task.minutes * minuteMs, 0.7 * intervalMs);
  const end = endOf(quirk, { age, chance, length });
  const { tool } = task;
  return {
    run: {
      run_id,
      deployment_id,
      automation_id,
      thread_id,
      origin: "schedule",
      instructions,
      status: "running",
      questions: 0,
      started_at,
      completed_at: null,
      error: null,
    },
    endsAt: Math.min(Math.floor(started_at + usualMs * (0.7 + 0.6 * length)), untilMs),
    steps: [
      { type: "call", tool, arguments: {} },
      { type: "result", tool, result: end?.type === "fail" ? "no result" : `${count} found` },
      ...(end === undefined ? [{ type: "say" as const, text: task.says.replace("#", String(count)) }] : []),
    ],
    end,
  };
}

function endOf(
  quirk: Past["quirk"],
  { age, chance, length }: { age: number; chance: number; length: number },
): PastRun["end"] {
  if (quirk.asks !== undefined && age === 0) return { type: "ask", summary: quirk.asks };
  const [count = 0, reason = ""] = quirk.failed ?? [];
  if (age < count) return { type: "fail", reason };
  if (chance < 29 / 30 || age === 0) return undefined;
  return { type: "fail", reason: failures[Math.floor(length * failures.length)] ?? "" };
}

/** The next number of a reproducible sequence in [0, 1). */
type Draw = () => number;

/** A separate sequence for each name (mulberry32). */
function seededRandom(name: string): Draw {
  let state = 0;
  for (const letter of name) state = (Math.imul(state, 31) + letter.charCodeAt(0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawId(prefix: IdPrefix, draw: Draw): string {
  let id = `${prefix}_`;
  while (id.length < prefix.length + 13) id += Math.floor(draw() * 36).toString(36);
  return id;
}
