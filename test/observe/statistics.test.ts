import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Run } from "../../src/api/types.js";
import { statisticsOf } from "../../src/observe/statistics.js";

const dayMs = Date.parse("2026-01-05T00:00:00Z");
const all = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER };

/** The n-th run, an hour after the one before. */
function run(n: number, status: Run["status"], tookSec?: number, error?: string): Run {
  const startedMs = dayMs + n * 3_600_000;
  const completed_at = tookSec === undefined ? null : new Date(startedMs + tookSec * 1000).toISOString();
  return { run_id: `run_${n}`, status, started_at: new Date(startedMs).toISOString(), completed_at, error };
}

describe("the statistics of runs", () => {
  it("count, and say how long and how well", () => {
    const runs = [
      run(5, "running"),
      run(4, "error", 4, "timeout"),
      run(3, "error", 3),
      run(2, "completed", 60),
      run(1, "error", 1, "timeout"),
      run(0, "completed", 10),
    ];
    expect(statisticsOf(runs, all)).toEqual({
      runs: 6,
      completed: 2,
      failed: 3,
      underWay: 1,
      success: 0.4,
      medianMs: 4_000,
      p95Ms: 60_000,
      failuresInARow: 2,
      errors: [
        { error: "timeout", failed: 2, lastMs: dayMs + 4 * 3_600_000 },
        { error: undefined, failed: 1, lastMs: dayMs + 3 * 3_600_000 },
      ],
      oldestMs: dayMs,
    });
  });

  it("are of the window alone, and of nothing where it has no run", () => {
    const runs = [
      run(2, "completed", 5),
      run(1, "completed", 7),
      { run_id: "run_x", status: "error" } as Run,
    ];
    const { runs: count, medianMs } = statisticsOf(runs, { sinceMs: dayMs, untilMs: dayMs + 2 * 3_600_000 });
    expect({ count, medianMs }).toEqual({ count: 1, medianMs: 7_000 });
    expect(statisticsOf(runs, { sinceMs: 0, untilMs: 1 })).toEqual({
      ...{ runs: 0, completed: 0, failed: 0, underWay: 0, success: undefined, medianMs: undefined },
      ...{ p95Ms: undefined, failuresInARow: 0, errors: [], oldestMs: undefined },
    });
  });

  it("are the same in whatever order the runs come, and half of them took no longer than the median", () => {
    const anyRun = fc
      .record({ n: fc.nat(500), took: fc.nat(9000), fails: fc.boolean() })
      .map(({ n, took, fails }) => run(n, fails ? "error" : "completed", took));
    fc.assert(
      fc.property(fc.uniqueArray(anyRun, { selector: ({ run_id }) => run_id }), (runs) => {
        const stats = statisticsOf(runs, all);
        expect(statisticsOf(runs.toReversed(), all)).toEqual(stats);
        const took = runs.map(
          (each) => Date.parse(each.completed_at ?? "") - Date.parse(each.started_at ?? ""),
        );
        const { medianMs = 0, p95Ms = 0 } = stats;
        expect(took.filter((ms) => ms <= medianMs).length * 2).toBeGreaterThanOrEqual(runs.length);
        expect(took.filter((ms) => ms <= p95Ms).length).toBeGreaterThanOrEqual(runs.length * 0.95);
        expect(stats.completed + stats.failed).toBe(runs.length);
      }),
    );
  });
});
