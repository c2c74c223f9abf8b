import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NoKeyError } from "../../src/errors.js";
import { Crew, type CrewWork, execute } from "../../src/fleet/crew.js";
import type { Success } from "../../src/fleet/outcome.js";

const done: Success<undefined> = { result: "done", value: undefined };

function crewOf(parts: Partial<CrewWork<number, undefined>>): Crew<number, undefined> {
  return new Crew({ run: async () => done, signal: new AbortController().signal, ...parts });
}

describe("a crew", () => {
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
    const crew = crewOf({ run, concurrency: 2, reader: { hasRead: true } });
    const first = crew.add([0, 1, 2]);
    const second = crew.add([3, 4]);
    expect((await first).map(({ item }) => item)).toEqual([0, 1, 2]);
    await second;
    await crew.add([5]);
    crew.close();
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it("has nothing to wait for where nothing is added", async () => {
    expect(await crewOf({}).add([])).toEqual([]);
  });

  it("begins nothing that is added after the key was refused", async () => {
    const tried: number[] = [];
    const crew = crewOf({
      run: async (item) => {
        tried.push(item);
        throw new NoKeyError("refused");
      },
    });
    const results = [...(await crew.add([0])), ...(await crew.add([1, 2]))];
    crew.close();
    expect(tried).toEqual([0]);
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { result: "failed" },
      { result: "skipped", reason: "key refused" },
      { result: "skipped", reason: "key refused" },
    ]);
  });

  it("tells whoever waits that nothing more is begun after Ctrl-C", async () => {
    const controller = new AbortController();
    const crew = crewOf({
      signal: controller.signal,
      concurrency: 1,
      run: async () => {
        await nextTurn();
        return done;
      },
    });
    const both = Promise.all([crew.add([0]), crew.add([1])]);
    controller.abort();
    expect((await both).flat().map(({ outcome }) => outcome.result)).toEqual(["done", "skipped"]);
  });

  it("gives the same however its items come", async () => {
    const items = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 5 }), async (kinds, size) => {
        const work = (): CrewWork<number, number> => ({
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
        const crew = new Crew(work());
        const parts = [];
        for (let from = 0; from < all.length; from += size)
          parts.push(crew.add(all.slice(from, from + size)));
        const little = (await Promise.all(parts)).flat();
        crew.close();
        expect(little).toEqual(await execute({ ...work(), items: all }));
      }),
    );
  });
});
