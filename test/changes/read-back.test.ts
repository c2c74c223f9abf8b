import { describe, expect, it } from "vitest";
import { readBack } from "../../src/changes/read-back.js";

/** A clock that is moved by sleeping, and by looks that take `lookMs`. */
function looking({ lookMs, found = () => [] }: { lookMs: number; found?: (atMs: number) => string[] }) {
  let nowMs = 100;
  const looks: { atMs: number; maxWaitMs: number }[] = [];
  const controller = new AbortController();
  const clock = {
    monotonic: () => nowMs,
    signal: controller.signal,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
  const work = readBack<string>(clock, async ({ maxWaitMs, signal }) => {
    const atMs = nowMs - 100;
    looks.push({ atMs, maxWaitMs });
    nowMs += lookMs;
    await Promise.resolve();
    signal.throwIfAborted();
    return found(atMs);
  });
  return { work, looks, controller };
}

describe("reading back", () => {
  it.each([
    ["at once", 0],
    ["within a second", 900],
  ])("looks 0.5, 1.5, 3.5, 7.5 and 15.5 s after the failure where a look ends %s", async (_name, lookMs) => {
    const { work, looks } = looking({ lookMs });
    expect(await work).toEqual([]);
    expect(looks.map(({ atMs }) => atMs)).toEqual([500, 1_500, 3_500, 7_500, 15_500]);
  });

  it("keeps its times where a look is slow, as far as it can, and gives each request until the next", async () => {
    const { work, looks } = looking({ lookMs: 3_000 });
    await work;
    expect(looks).toEqual([
      { atMs: 500, maxWaitMs: 5_000 },
      { atMs: 3_500, maxWaitMs: 5_000 },
      { atMs: 6_500, maxWaitMs: 5_000 },
      { atMs: 9_500, maxWaitMs: 6_000 },
      { atMs: 15_500, maxWaitMs: 5_000 },
    ]);
  });

  it("ends at the first reading that finds something", async () => {
    const { work, looks } = looking({ lookMs: 0, found: (atMs) => (atMs < 3_000 ? [] : ["a", "b"]) });
    expect(await work).toEqual(["a", "b"]);
    expect(looks).toHaveLength(3);
  });

  it("ends with an interrupt during a look, or after one", async () => {
    const { work, looks, controller } = looking({ lookMs: 0 });
    controller.abort(new Error("interrupted"));
    await expect(work).rejects.toThrow("interrupted");
    expect(looks).toHaveLength(1);
    const late = looking({
      lookMs: 0,
      found: () => {
        late.controller.abort(new Error("interrupted"));
        return [];
      },
    });
    await expect(late.work).rejects.toThrow("interrupted");
    expect(late.looks).toHaveLength(1);
  });
});
