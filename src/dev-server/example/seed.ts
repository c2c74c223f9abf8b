import { nextTimes } from "../../schedule/cron-times.js";
import { readSchedule } from "../../schedule/read.js";
import { addAutomation, addDeployment, type Seed, type StoreAndClock } from "../engine.js";
import { RunWriter } from "../runs/run-writer.js";
import { type Draw, drawId, seededRandom } from "./draws.js";
import { type ExampleAutomation, type ExampleDeployment, fleet } from "./fleet.js";
import { type PastRun, pastRuns } from "./past-runs.js";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const runsInStep = 500;

/**
 * Fills a store with the example fleet. At one time of the server's clock it is the same each time, ids and all.
 */
export const seed: Seed = (begun, onStep) => new Seeding(begun, onStep).run();

class Seeding {
  readonly #nowMs: number;
  /** Leaves the last minute to the server, which starts what is due in it right away. */
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

/** Adds the lines that direct the agent, so that what is amiss stays so. */
function instructionsOf({ task, quirk }: ExampleAutomation): string {
  const lines = [task.instructions];
  if (quirk.failed !== undefined) lines.push(`@dev fail ${quirk.failed[1]}`);
  if (quirk.asks !== undefined) lines.push(`@dev ask ${quirk.asks}`);
  return lines.join("\n");
}
