import fc from "fast-check";
import type { AutomationDetail, Run } from "../../src/api/types.js";
import { cronTimes } from "../../src/schedule/cron-times.js";

/** An event for an automation, this many minutes (with seconds as fractions) after it was created. */
type Happening =
  | { kind: "pause" | "resume" | "rename" | "trigger"; atMin: number }
  | { kind: "reschedule"; atMin: number; cron: string }
  /** The server is down, and changes fail. */
  | { kind: "down"; atMin: number; lastsMin: number };

export interface History {
  cron: string;
  happenings: readonly Happening[];
  /** The duration and delay of successive runs. */
  runsSec: readonly { takes: number; delay: number }[];
  lastsMin: number;
  /** The number of runs that the server lists. */
  mostRuns: number;
  /** True if it starts one late run for runs missed in a downtime. */
  makesUp: boolean;
}

/** A server's results for a history, and facts that it knows but doesn't report. */
export interface Truth {
  detail: AutomationDetail;
  /** Due times at which it was enabled with a schedule that contains them. */
  promised: ReadonlySet<number>;
  /** All runs, including those that aren't listed. */
  runs: readonly { startedMs: number; endedMs: number; isScheduled: boolean }[];
  nowMs: number;
  lastChangeMs: number;
}

export const createdMs = Date.parse("2026-03-27T22:17:30Z");
const minuteMs = 60_000;

const crons = ["* * * * *", "*/5 * * * *", "*/20 * * * *", "0 * * * *", "30 */3 * * *", "0 9 * * *"];

const timesOf = new Map(crons.map((cron) => [cron, cronTimes(cron)]));

const anyMinute = (most: number) => fc.integer({ min: 1, max: most * 60 }).map((seconds) => seconds / 60);

export const anyHistory: fc.Arbitrary<History> = fc
  .record({ cron: fc.constantFrom(...crons), lastsMin: fc.integer({ min: 30, max: 2 * 1440 }) })
  .chain(({ cron, lastsMin }) => {
    const atMin = anyMinute(lastsMin);
    const simple = fc.constantFrom("pause", "resume", "rename", "trigger");
    const happening = fc.oneof(
      fc.record({ kind: simple, atMin }) as fc.Arbitrary<Happening>,
      fc.record({
        kind: fc.constant("reschedule"),
        atMin,
        cron: fc.constantFrom(...crons),
      }) as fc.Arbitrary<Happening>,
      fc.record({ kind: fc.constant("down"), atMin, lastsMin: anyMinute(300) }) as fc.Arbitrary<Happening>,
    );
    return fc.record({
      cron: fc.constant(cron),
      lastsMin: fc.constant(lastsMin),
      happenings: fc.array(happening, { maxLength: 7 }),
      runsSec: fc.array(
        fc.record({
          takes: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 8000 })),
          delay: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 400 })),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      mostRuns: fc.constantFrom(3, 20, 100_000),
      makesUp: fc.boolean(),
    });
  });

/** Plays a history like the local server, or like a server that doesn't make up for missed runs. */
export function play({ cron, happenings, runsSec, lastsMin, mostRuns, makesUp }: History): Truth {
  const nowMs = createdMs + lastsMin * minuteMs;
  const state = { cron, enabled: true, updatedMs: createdMs, downUntilMs: 0 };
  const promised = new Set<number>();
  const runs: Truth["runs"][number][] = [];
  const after = (ms: number) => timesOf.get(state.cron)?.after(ms) ?? Number.POSITIVE_INFINITY;
  let nextMs = after(createdMs);
  const start = (startedMs: number, isScheduled: boolean) => {
    const { takes, delay } = runsSec[runs.length % runsSec.length] ?? { takes: 1, delay: 0 };
    const beginsMs = startedMs + (isScheduled ? delay * 1000 : 0);
    runs.push({ startedMs: beginsMs, endedMs: beginsMs + takes * 1000, isScheduled });
  };
  const fireUntil = (untilMs: number) => {
    while (state.enabled && nextMs <= untilMs) {
      const atMs = Math.max(nextMs, state.downUntilMs);
      if (atMs > untilMs) return;
      for (let dueMs = nextMs; dueMs <= atMs; dueMs = after(dueMs)) promised.add(dueMs);
      if (makesUp || atMs === nextMs) start(atMs, true);
      nextMs = after(atMs);
    }
  };
  const change = (atMs: number) => {
    state.updatedMs = Math.max(atMs, state.updatedMs + 1);
    nextMs = after(atMs);
  };
  for (const each of [...happenings].sort((one, other) => one.atMin - other.atMin)) {
    const atMs = Math.round(createdMs + each.atMin * minuteMs);
    if (atMs > nowMs) break;
    fireUntil(atMs);
    if (atMs < state.downUntilMs) continue;
    if (each.kind === "down") state.downUntilMs = atMs + Math.round(each.lastsMin * minuteMs);
    else if (each.kind === "trigger") start(atMs, false);
    else if (each.kind === "rename") state.updatedMs = Math.max(atMs, state.updatedMs + 1);
    else if (each.kind === "reschedule") {
      state.cron = each.cron;
      change(atMs);
    } else if (state.enabled !== (each.kind === "resume")) {
      state.enabled = each.kind === "resume";
      change(atMs);
    }
  }
  fireUntil(nowMs);
  // Runs due in a downtime that hasn't ended count as promised too.
  if (state.enabled) for (let dueMs = nextMs; dueMs <= nowMs; dueMs = after(dueMs)) promised.add(dueMs);
  const begun = runs.filter(({ startedMs }) => startedMs <= nowMs).sort((a, b) => b.startedMs - a.startedMs);
  const told = begun.map(({ startedMs, endedMs, isScheduled }, at): Run => {
    const isOver = endedMs <= nowMs;
    return {
      run_id: `run_${begun.length - at}`,
      status: isOver ? "completed" : "running",
      trigger: isScheduled ? "schedule" : "manual",
      started_at: new Date(startedMs).toISOString(),
      completed_at: isOver ? new Date(endedMs).toISOString() : null,
    };
  });
  const detail: AutomationDetail = {
    automation_id: "auto_1",
    schedule: state.cron,
    enabled: state.enabled,
    created_at: new Date(createdMs).toISOString(),
    updated_at: new Date(state.updatedMs).toISOString(),
    last_run_at: told[0]?.started_at ?? null,
    recent_runs: told.slice(0, mostRuns),
  };
  return { detail, promised, runs: begun, nowMs, lastChangeMs: state.updatedMs };
}
