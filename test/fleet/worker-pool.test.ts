import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NoKeyError } from "../../src/errors.js";
import type { Success } from "../../src/fleet/outcome.js";
import { execute, type PoolWork, WorkerPool } from "../../src/fleet/worker-pool.js";

const done: Success<undefined> = { result: "done", value: undefined };

function poolOf(parts: Partial<PoolWork<number, undefined>>): WorkerPool<number, undefined> {
  return new WorkerPool({ run: async () => done, signal: new AbortController().signal, ...parts });
}

describe("a worker pool", () => {
  it("works on what is added later after what was there, never on more at once than allowed", async () => {
    const started: number[] = [];
    let atWork = 0;
    let most = 0;
    const run = async (item: number) => {
      started.push(item);
      atWork += 1;
      most = Math.max(most, atWork);
      await nextTurn();
      atWork -= 1;
      return done;
    };
    const pool = poolOf({ run, concurrency: 2, reader: { hasRead: true } });
    const first = pool.add([0, 1, 2]);
    const second = pool.add([3, 4]);
    expect((await first).map(({ item }) => item)).toEqual([0, 1, 2]);
    await second;
    await pool.add([5]);
    pool.close();
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it("has nothing to wait for where nothing is added", async () => {
    expect(await poolOf({}).add([])).toEqual([]);
  });

  it("begins nothing that is added after the key was refused", async () => {
    const tried: number[] = [];
    const pool = poolOf({
      run: async (item) => {
        tried.push(item);
        throw new NoKeyError("refused");
      },
    });
    const results = [...(await pool.add([0])), ...(await pool.add([1, 2]))];
    pool.close();
    expect(tried).toEqual([0]);
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { result: "failed" },
      { result: "skipped", reason: "key refused" },
      { result: "skipped", reason: "key refused" },
    ]);
  });

  it("shows whoever waits that nothing more is started after Ctrl-C", async () => {
    const controller = new AbortController();
    const pool = poolOf({
      signal: controller.signal,
      concurrency: 1,
      run: async () => {
        await nextTurn();
        return done;
      },
    });
    const both = Promise.all([pool.add([0]), pool.add([1])]);
    controller.abort();
    expect((await both).flat().map(({ outcome }) => outcome.result)).toEqual(["done", "skipped"]);
  });

  it("gives the same however its items come", async () => {
    const items = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 5 }), async (kinds, size) => {
        const work = (): PoolWork<number, number> => ({
          signal: new AbortController().signal,
          reader: { hasRead: true },
          maxFailures: 3,
          concurrency: 1,
          run: async (item) => {
            if (kinds[item] === 0) throw new Error("no");
            return { result: kinds[item] === 1 ? "unchanged" : "done", value: item };
          },
        });
        const all = kinds.map((_, at) => at);
        const pool = new WorkerPool(work());
        const parts = [];
        for (let from = 0; from < all.length; from += size)
          parts.push(pool.add(all.slice(from, from + size)));
        const little = (await Promise.all(parts)).flat();
        pool.close();
        expect(little).toEqual(await execute({ ...work(), items: all }));
      }),
    );
  });
});
