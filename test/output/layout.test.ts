import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut, widen } from "../../src/output/layout.js";

const name = { shrink: 3 };
const schedule = { shrink: 2, minWidth: 10 };
const lastRun = { shrink: 1 };
const id = {};
const columns = [name, schedule, lastRun, id];

describe("layOut", () => {
  it.each([
    [66, [20, 20, 10, 10]],
    [65, [20, 20, 9, 10]],
    [64, [20, 20, 8, 10]],
    [63, [20, 20, 0, 10]],
    [54, [20, 20, 0, 10]],
    [53, [20, 19, 0, 10]],
    [44, [20, 10, 0, 10]],
    [43, [20, 0, 0, 10]],
    [32, [20, 0, 0, 10]],
    [31, [19, 0, 0, 10]],
    [20, [8, 0, 0, 10]],
    [5, [8, 0, 0, 10]],
  ])("in %i columns gives %j", (available, widths) => {
    expect(layOut(columns, [20, 20, 10, 10], available)).toEqual(widths);
  });

  it.each([
    [120, [74, 20, 10, 10]],
    [80, [34, 20, 10, 10]],
    [70, [24, 20, 10, 10]],
    [66, [20, 20, 10, 10]],
    [64, [20, 20, 8, 10]],
    [63, [29, 20, 0, 10]],
    [54, [20, 20, 0, 10]],
    [44, [20, 10, 0, 10]],
    [43, [31, 0, 0, 10]],
  ])("cuts a long name before others go: in %i columns %j", (available, widths) => {
    expect(layOut(columns, [200, 20, 10, 10], available)).toEqual(widths);
  });

  it.each([
    [120, [47, 47, 10, 10]],
    [100, [37, 37, 10, 10]],
    [66, [20, 20, 10, 10]],
    [54, [20, 8, 10, 10]],
    [53, [29, 0, 10, 10]],
    [44, [20, 0, 10, 10]],
    [43, [31, 0, 0, 10]],
  ])("cuts long columns evenly, and a time never: in %i columns %j", (available, widths) => {
    const time = { shrink: 2, isWhole: true };
    expect(layOut([{ shrink: 3 }, { shrink: 1 }, time, id], [90, 60, 10, 10], available)).toEqual(widths);
  });

  it("never cuts an id, never shows a column narrower than its least, and fits where it can", () => {
    const flexible = fc.record({
      shrink: fc.integer({ min: 1, max: 9 }),
      minWidth: fc.integer({ min: 1, max: 12 }),
    });
    const column = fc.record({
      column: fc.oneof(flexible, fc.constant({})),
      width: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(
        fc.array(column, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        (all, room) => {
          const natural = all.map(({ width }) => width);
          const widths = layOut(
            all.map((each) => each.column),
            natural,
            room,
          );
          for (const [index, { column: each, width }] of all.entries()) {
            const given = widths[index] ?? -1;
            if (!("shrink" in each)) expect(given).toBe(width);
            else if (given > 0) expect(given).toBeGreaterThanOrEqual(Math.min(width, each.minWidth));
          }
          const shown = widths.filter((width) => width > 0);
          const total = shown.reduce((sum, width) => sum + width, 0) + 2 * (shown.length - 1);
          const flexibleShown = all.filter(
            ({ column: each }, index) => "shrink" in each && (widths[index] ?? 0) > 0,
          );
          if (total > room) expect(flexibleShown.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe("widen", () => {
  it.each([
    [80, [50, 25, 5, 14], [42, 20, 0, 14]],
    [80, [30, 30, 5, 10], [30, 30, 0, 10]],
    [50, [40, 5, 5, 12], [20, 20, 0, 12]],
    [50, [5, 5, 5, 5], [20, 20, 0, 10]],
  ])("in %i columns for %j gives %j", (available, needed, widths) => {
    expect(widen(columns, { widths: [20, 20, 0, 10], needed, available })).toEqual(widths);
  });
});
