import { describe, expect, it } from "vitest";
import { readBack } from "../../src/changes/read-back.js";
import type { ChangesContext } from "../../src/changes/sending.js";

/** A clock that moves with each sleep, and with each read, which takes `lookMs`. */
function looking({
  lookMs,
  found = () => [],
  flags = {},
}: {
  lookMs: number;
  found?: (atMs: number) => string[];
  flags?: { maxWaitMs?: number };
}) {
  let nowMs = 100;
  const looks: { atMs: number; maxWaitMs: number }[] = [];
  const controller = new AbortController();
  const clock = {
    settings: { flags } as ChangesContext["settings"],
    now: () => new Date(nowMs),
    monotonic: () => nowMs,
    signal: controller.signal,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
  const untilMs: number[] = [];
  const work = readBack<string>(clock, {
    // The attempts took two seconds.
    sentMs: -1_900,
    onStart: (until) => untilMs.push(until.getTime() - 100),
    find: async ({ maxWaitMs, signal }) => {
      const atMs = nowMs - 100;
      looks.push({ atMs, maxWaitMs });
      nowMs += lookMs;
      await Promise.resolve();
      signal.throwIfAborted();
      return found(atMs);
    },
  });
  return { work, looks, controller, untilMs };
}

describe("the check for a lost change", () => {
  it.each([
    ["at once", 0],
    ["within a second", 900],
  ])("happens 0.5, 1.5, 3.5, 7.5 and 15.5 s after the failure, each ending %s", async (_name, lookMs) => {
    const { work, looks, untilMs } = looking({ lookMs });
    expect(await work).toEqual([]);
    expect(looks.map(({ atMs }) => atMs)).toEqual([500, 1_500, 3_500, 7_500, 15_500]);
    expect(untilMs).toEqual([15_500]);
  });

  it.each([
    [1_000, [0]],
    [6_000, [500, 1_500, 3_500, 4_000]],
    [15_999, [500, 1_500, 3_500, 7_500, 13_999]],
    [16_000, [500, 1_500, 3_500, 7_500, 15_500]],
  ])("makes its last request when a --max-wait of %d ms ends, if under 16 s", async (maxWaitMs, times) => {
    const { work, looks, untilMs } = looking({ lookMs: 0, flags: { maxWaitMs } });
    await work;
    expect(looks.map(({ atMs }) => atMs)).toEqual(times);
    expect(untilMs).toEqual(times.slice(-1));
  });

  it("keeps its schedule even if requests are slow, each cut off at the next", async () => {
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

  it("ends with the first request that finds a result", async () => {
    const { work, looks } = looking({ lookMs: 0, found: (atMs) => (atMs < 3_000 ? [] : ["a", "b"]) });
    expect(await work).toEqual(["a", "b"]);
    expect(looks).toHaveLength(3);
  });

  it("ends when interrupted, during or after a request", async () => {
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
