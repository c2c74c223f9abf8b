import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { prefetch } from "../../src/fleet/prefetch.js";

const items = Array.from({ length: 30 }, (_, at) => at);

describe("prefetch", () => {
  it("returns results in order, and reads at most eight at once", async () => {
    let open = 0;
    let most = 0;
    const given: string[] = [];
    const readings = prefetch(items, async (item) => {
      open += 1;
      most = Math.max(most, open);
      for (let turns = 0; turns < ((item * 7) % 5) + 2; turns += 1) await turn();
      open -= 1;
      if (item === 11) throw new Error("refused");
      return `read ${item}`;
    });
    for await (const { item, result } of readings) {
      given.push(result.status === "fulfilled" ? result.value : `${item} failed`);
    }
    expect(given).toEqual(items.map((item) => (item === 11 ? "11 failed" : `read ${item}`)));
    expect(most).toBe(8);
  });

  it("stops reading ahead when its consumer stops", async () => {
    const signals: AbortSignal[] = [];
    for await (const { item } of prefetch(items, async (_item, signal) => void signals.push(signal))) {
      if (item === 2) break;
    }
    expect(signals).toHaveLength(10);
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it("returns nothing for an empty input", async () => {
    expect(await prefetch([], async () => 1).next()).toEqual({ done: true, value: undefined });
  });
});
