import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Run } from "../../src/api/types.js";
import { tallyRuns } from "../../src/commands/automations/audit/audit.js";

const dayMs = Date.parse("2026-01-05T00:00:00Z");
const hourMs = 3_600_000;
const all = { sinceMs: 0, untilMs: Number.POSITIVE_INFINITY };

/** The n-th run, an hour after the previous one. */
function run(n: number, status: Run["status"], tookSec?: number): Run {
  const startedMs = dayMs + n * hourMs;
  const completed_at = tookSec === undefined ? null : new Date(startedMs + tookSec * 1000).toISOString();
  return { run_id: `run_${n}`, status, started_at: new Date(startedMs).toISOString(), completed_at };
}

describe("a tally of runs", () => {
  it("counts runs within the window, however they started", () => {
    const runs = [run(5, "running"), run(4, "error", 4), run(3, "error"), run(2, "completed", 60)];
    expect(tallyRuns(runs, all)).toEqual({ runs: 4, failed: 2, p95Ms: 60_000 });
    expect(tallyRuns(runs, { sinceMs: dayMs + 3 * hourMs, untilMs: dayMs + 5 * hourMs })).toEqual({
      runs: 2,
      failed: 2,
      p95Ms: 4_000,
    });
    expect(tallyRuns([{ run_id: "run_x", status: "error" } as Run], all)).toEqual({
      runs: 0,
      failed: 0,
      p95Ms: undefined,
    });
  });

  it("uses as p95 the lowest value that 95 in 100 runs don't exceed", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9000), { minLength: 1 }), (seconds) => {
        const { p95Ms = 0 } = tallyRuns(
          seconds.map((took, n) => run(n, "completed", took)),
          all,
        );
        const within = (ms: number) => seconds.filter((took) => took * 1000 <= ms).length / seconds.length;
        expect(within(p95Ms)).toBeGreaterThanOrEqual(0.95);
        expect(within(p95Ms - 1)).toBeLessThan(0.95);
      }),
    );
  });
});
