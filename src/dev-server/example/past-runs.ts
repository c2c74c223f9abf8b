import { nextTimes } from "../../schedule/cron-times.js";
import type { AgentStep } from "../agent/agent.js";
import type { Output } from "../runs/run-writer.js";
import type { StoredAutomation } from "../store/automations.js";
import type { StoredRun } from "../store/runs.js";
import { type Draw, drawId } from "./draws.js";
import type { ExampleAutomation } from "./fleet.js";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The most runs of an automation: more than the API gives. */
const mostRuns = 21;

const failures = ["the model gave no answer within 120 s", "503 from the customer's server", "out of memory"];

/** A run that is over, or waits for an answer. */
export interface PastRun {
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

/** The runs of an automation until a time, the newest first: drawn in this order, they are the same at any time. */
export function pastRuns(past: Past): PastRun[] {
  const due = newestDue(past);
  const runs = due.map((dueAt, age) =>
    pastRun(past, { age, dueAt, intervalMs: (due[age - 1] ?? past.untilMs) - dueAt }),
  );
  return runs.slice(past.quirk.missed ?? 0);
}

function newestDue({ automation: { cron, created_at }, untilMs }: Past): number[] {
  let due: number[] = [];
  // Further back each time: the shorter the interval, the fewer days are enough.
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
