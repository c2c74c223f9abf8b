import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Run } from "../../src/api/types.js";
import { startedWithin, statisticsOf } from "../../src/observe/statistics.js";

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
    expect(statisticsOf(startedWithin(runs, all))).toEqual({
      runs: 6,
      completed: 2,
      failed: 3,
      underWay: 1,
      success: 0.4,
      medianMs: 4_000,
      p95Ms: 60_000,
      failuresInARow: 2,
      errors: [
        { error: "timeout", failed: 2, firstMs: dayMs + 3_600_000, lastMs: dayMs + 4 * 3_600_000 },
        { error: undefined, failed: 1, firstMs: dayMs + 3 * 3_600_000, lastMs: dayMs + 3 * 3_600_000 },
      ],
      lastError: {
        ...{ error: "timeout", failed: 2 },
        ...{ firstMs: dayMs + 3_600_000, lastMs: dayMs + 4 * 3_600_000 },
      },
      last: [
        { status: "completed", tookMs: 10_000 },
        { status: "error", tookMs: 1_000 },
        { status: "completed", tookMs: 60_000 },
        { status: "error", tookMs: 3_000 },
        { status: "error", tookMs: 4_000 },
        { status: "running", tookMs: undefined },
      ],
    });
  });

  it("are of the window alone, and of nothing where it has no run", () => {
    const runs = [
      run(2, "completed", 5),
      run(1, "completed", 7),
      { run_id: "run_x", status: "error" } as Run,
    ];
    const { runs: count, medianMs } = statisticsOf(
      startedWithin(runs, { sinceMs: dayMs, untilMs: dayMs + 2 * 3_600_000 }),
    );
    expect({ count, medianMs }).toEqual({ count: 1, medianMs: 7_000 });
    expect(statisticsOf(startedWithin(runs, { sinceMs: 0, untilMs: 1 }))).toEqual({
      ...{ runs: 0, completed: 0, failed: 0, underWay: 0, success: undefined, medianMs: undefined },
      ...{ p95Ms: undefined, failuresInARow: 0, errors: [] },
      ...{ lastError: undefined, last: [] },
    });
  });

  const anyRun = fc
    .record({
      n: fc.nat(500),
      took: fc.option(fc.nat(9000), { nil: undefined }),
      status: fc.constantFrom<Run["status"]>("completed", "error", "running", "waiting_on_human", null),
      error: fc.constantFrom(undefined, "", "timeout", "no paper"),
    })
    .map(({ n, took, status, error }) => run(n, status, took, error));
  const anyRuns = fc.uniqueArray(anyRun, { selector: ({ run_id }) => run_id });

  it("are the same in whatever order the runs come", () => {
    fc.assert(
      fc.property(anyRuns, (runs) => {
        expect(statisticsOf(startedWithin(runs.toReversed(), all))).toEqual(
          statisticsOf(startedWithin(runs, all)),
        );
      }),
    );
  });

  it("agree with plain definitions of each", () => {
    fc.assert(
      fc.property(anyRuns, fc.nat(500), fc.nat(500), (runs, from, length) => {
        const window = { sinceMs: dayMs + from * 3_600_000, untilMs: dayMs + (from + length) * 3_600_000 };
        const startOf = ({ started_at }: Run) => Date.parse(started_at ?? "");
        const within = runs
          .filter((each) => startOf(each) >= window.sinceMs && startOf(each) < window.untilMs)
          .sort((one, other) => startOf(one) - startOf(other));
        const statistics = statisticsOf(startedWithin(runs, window));
        const count = (status: Run["status"]) => within.filter((each) => each.status === status).length;
        const [completed, failed] = [count("completed"), count("error")];
        expect(statistics).toMatchObject({ runs: within.length, completed, failed });
        expect(statistics.success).toBe(
          completed + failed === 0 ? undefined : completed / (completed + failed),
        );

        const ended = within.filter(({ status }) => status === "completed" || status === "error");
        const took = ended.flatMap((each) =>
          each.completed_at ? Date.parse(each.completed_at) - startOf(each) : [],
        );
        expect(statistics.medianMs).toBe(plainMedian(took));
        expect(statistics.p95Ms).toBe(plainP95(took));

        let inARow = 0;
        for (const { status } of ended) inARow = status === "error" ? inARow + 1 : 0;
        expect(statistics.failuresInARow).toBe(inARow);

        const texts = within
          .filter(({ status }) => status === "error")
          .map(({ error }) => error || undefined);
        expect(statistics.lastError?.error).toBe(texts.at(-1));
        expect(statistics.errors.map(({ failed: each }) => each)).toEqual(
          statistics.errors.map(({ error }) => texts.filter((text) => text === error).length),
        );
        expect(new Set(statistics.errors.map(({ error }) => error))).toEqual(new Set(texts));
        const counts = statistics.errors.map(({ failed: each }) => each);
        expect(counts).toEqual(counts.toSorted((one, other) => other - one));

        expect(statistics.last.map(({ status }) => status)).toEqual(
          within.slice(-20).map(({ status }) => status),
        );
      }),
    );
  });
});

/** Half are no smaller and half no larger; of two in the middle their mean. */
function plainMedian(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((one, other) => one - other);
  if (sorted.length === 0) return undefined;
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0;
  return low + (high - low) / 2;
}

/** The smallest that 95 in 100 don't exceed. */
function plainP95(numbers: readonly number[]): number | undefined {
  const fits = numbers.filter(
    (number) => numbers.filter((other) => other <= number).length * 100 >= numbers.length * 95,
  );
  return fits.length === 0 ? undefined : Math.min(...fits);
}
