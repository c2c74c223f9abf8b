import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exitCodes,
  InterruptedError,
  NoKeyError,
  OutcomeUnknownError,
  PartialFailureError,
} from "../../src/errors/cli-errors.js";
import type { ItemResult, Outcome, Success } from "../../src/fleet/outcome.js";
import { type Execution, execute } from "../../src/fleet/worker-pool.js";
import { failureOf } from "../../src/operations/rows/exit-error.js";

const done: Success<undefined> = { result: "done", value: undefined };
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

function execution(parts: Partial<Execution<number, undefined>>): Execution<number, undefined> {
  return {
    items: numbers(20),
    run: async () => done,
    signal: new AbortController().signal,
    ...parts,
  };
}

async function resultsOf(parts: Partial<Execution<number, undefined>>): Promise<string[]> {
  return (await execute(execution(parts))).map(({ outcome }) => outcome.result);
}

function countOutcomes(results: readonly ItemResult<unknown, unknown>[]) {
  const counts = { done: 0, unchanged: 0, failed: 0, unknown: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome.result] += 1;
  return counts;
}

describe("execute", () => {
  it("starts items in order: the first alone, then up to its limit", async () => {
    const started: number[] = [];
    let atWork = 0;
    let most = 0;
    let whileFirst = 0;
    await execute(
      execution({
        concurrency: 3,
        run: async (item) => {
          started.push(item);
          atWork += 1;
          most = Math.max(most, atWork);
          for (let turn = 0; turn < (item * 7) % 5; turn += 1) await nextTurn();
          await nextTurn();
          if (item === 0) whileFirst = started.length;
          atWork -= 1;
          return done;
        },
      }),
    );
    expect(started).toEqual(numbers(20));
    expect(whileFirst).toBe(1);
    expect(most).toBe(3);
  });

  it("starts items up to its limit at once after a similar earlier success", async () => {
    let atWork = 0;
    let whileFirst = 0;
    await execute(
      execution({
        concurrency: 3,
        reader: { hasRead: true },
        run: async (item) => {
          atWork += 1;
          await nextTurn();
          if (item === 0) whileFirst = atWork;
          atWork -= 1;
          return done;
        },
      }),
    );
    expect(whileFirst).toBe(3);
  });

  it("continues after failures, and returns an outcome for each item", async () => {
    const results = await execute(
      execution({
        items: [0, 1, 2, 3],
        run: async (item) => {
          if (item === 1) throw new Error("no");
          if (item === 2) throw new OutcomeUnknownError("who knows");
          return item === 3 ? { result: "unchanged", value: undefined } : done;
        },
      }),
    );
    expect(results.map(({ item, outcome }) => [item, outcome.result])).toEqual([
      [0, "done"],
      [1, "failed"],
      [2, "unknown"],
      [3, "unchanged"],
    ]);
    expect(countOutcomes(results)).toEqual({ done: 1, unchanged: 1, failed: 1, unknown: 1, skipped: 0 });
  });

  it("stops if the key is rejected on the first item", async () => {
    const refuse = async () => {
      throw new NoKeyError("refused");
    };
    expect(await resultsOf({ items: [0, 1, 2], run: refuse })).toEqual(["failed", "skipped", "skipped"]);
  });

  it("continues if the key is rejected on a later item", async () => {
    const run = async (item: number) => {
      if (item === 1) throw new NoKeyError("refused");
      return done;
    };
    expect(await resultsOf({ items: [0, 1, 2], run })).toEqual(["done", "failed", "done"]);
  });

  it("ends at once without items", async () => {
    expect(await execute(execution({ items: [] }))).toEqual([]);
  });

  it("starts no item after an abort, and waits for current items", async () => {
    const controller = new AbortController();
    let over = 0;
    const run = async (item: number) => {
      if (item === 5) controller.abort(new InterruptedError());
      for (let turn = 0; turn < 4; turn += 1) await nextTurn();
      over += 1;
      return done;
    };
    const results = await execute(execution({ run, signal: controller.signal, concurrency: 4 }));
    const counts = countOutcomes(results);
    expect(counts.done).toBe(over);
    expect(counts.done).toBeGreaterThanOrEqual(6);
    expect(counts.done).toBeLessThanOrEqual(9);
    expect(counts.done + counts.skipped).toBe(20);
  });

  it("counts an item that ended due to the abort as not started", async () => {
    const controller = new AbortController();
    const run = async () => {
      controller.abort(new InterruptedError());
      throw controller.signal.reason;
    };
    expect(await resultsOf({ items: [0, 1], run, signal: controller.signal })).toEqual([
      "skipped",
      "skipped",
    ]);
  });

  it("stops if an outcome can't be recorded, after current items end", async () => {
    let over = 0;
    const work = execute(
      execution({
        concurrency: 4,
        run: async () => {
          await nextTurn();
          over += 1;
          return done;
        },
        onOutcome: (item) => {
          if (item === 3) throw new Error("disk full");
        },
      }),
    );
    await expect(work).rejects.toThrow("disk full");
    expect(over).toBeGreaterThanOrEqual(4);
    expect(over).toBeLessThanOrEqual(8);
  });

  it("reports every item's outcome once, despite failures and stops", async () => {
    const step = fc.record({ turns: fc.nat(3), fate: fc.constantFrom("done", "failed", "unknown") });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(40),
        async (steps, concurrency, stopAt) => {
          const controller = new AbortController();
          const told = new Map<number, Outcome<undefined>>();
          let started = 0;
          const results = await execute(
            execution({
              items: steps.map((_, at) => at),
              concurrency,
              signal: controller.signal,
              run: async (item) => {
                started += 1;
                if (started === stopAt) controller.abort(new InterruptedError());
                for (let turn = steps[item]?.turns ?? 0; turn > 0; turn -= 1) await nextTurn();
                if (steps[item]?.fate === "failed") throw new Error("no");
                if (steps[item]?.fate === "unknown") throw new OutcomeUnknownError("who knows");
                return done;
              },
              onOutcome: (item, outcome) => {
                expect(told.has(item)).toBe(false);
                told.set(item, outcome);
              },
            }),
          );
          expect(results.map(({ item }) => item)).toEqual(steps.map((_, at) => at));
          for (const { item, outcome } of results) {
            expect(told.get(item)).toBe(outcome);
            if (outcome.result !== "skipped") expect(outcome.result).toBe(steps[item]?.fate);
          }
          expect(countOutcomes(results).skipped).toBe(steps.length - started);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("failureOf", () => {
  const failure = (error: unknown) => ({ item: 0, outcome: { result: "failed" as const, error } });
  const success = { item: 0, outcome: done };
  const skipped = { item: 0, outcome: { result: "skipped" as const, reason: "key refused" as const } };
  const noKey = new NoKeyError("refused");
  const other = new Error("no");

  it.each([
    ["nothing failed", [success, success], undefined],
    ["no item existed", [], undefined],
    ["the only item failed", [failure(other)], other],
    ["some failed", [success, failure(other)], PartialFailureError],
    ["all failed", [failure(other), failure(other)], PartialFailureError],
    ["the key was rejected on every item tried", [failure(noKey), skipped, skipped], noKey],
    ["the key was rejected on some items", [success, failure(noKey)], PartialFailureError],
  ])("returns the right error if %s", (_, results, expected) => {
    const error = failureOf(results);
    if (typeof expected === "function") expect(error).toBeInstanceOf(expected);
    else expect(error).toBe(expected);
  });

  it("reports the number of failures, and the next step", () => {
    const error = failureOf([success, failure(other), success], "run it again");
    expect(error).toMatchObject({
      message: "1 of 3 failed",
      hint: "run it again",
      exitCode: exitCodes.partial,
    });
  });
});
