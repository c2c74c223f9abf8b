import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ColumnPriority, type Layout, layOut } from "../../src/output/table/layout.js";

type Columns = readonly { priorities: readonly ColumnPriority[]; widths: readonly number[] }[];

function lay(columns: Columns, available: number, after?: Layout): Layout {
  const widthOf = (column: number, wording: number) => columns[column]?.widths[wording] ?? -1;
  return layOut(
    columns.map(({ priorities }) => priorities),
    { widthOf, available, after },
  );
}

/** `20`, `9'` in the first narrower wording, `9''` in the second, `–` gone. */
function shown({ states }: Layout): string {
  return states
    .map(({ isHidden, width, wording }) => (isHidden ? "–" : `${width}${"'".repeat(wording)}`))
    .join(" ");
}

function totalOf({ states }: Layout): number {
  const widths = states.filter(({ isHidden }) => !isHidden).map(({ width }) => width);
  return widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1);
}

describe("layOut", () => {
  const columns: Columns = [
    {
      widths: [23],
      priorities: [
        { order: 4, cutTo: 17 },
        { order: 8, cutTo: 12 },
        { order: 10, cutTo: 1 },
      ],
    },
    { widths: [25, 9], priorities: [{ order: 2, cutTo: 14 }, { order: 3 }, { order: 6, isHidden: true }] },
    { widths: [12, 4, 1], priorities: [{ order: 1 }, { order: 7 }, { order: 9, isHidden: true }] },
    { widths: [17], priorities: [{ order: 5, isHidden: true }] },
  ];

  it.each([
    [200, "23 25 12 17"],
    [83, "23 25 12 17"],
    [82, "23 25 4' 17"],
    [75, "23 25 4' 17"],
    [74, "23 24 4' 17"],
    [64, "23 14 4' 17"],
    [63, "23 9' 4' 17"],
    [59, "23 9' 4' 17"],
    [58, "22 9' 4' 17"],
    [53, "17 9' 4' 17"],
    [52, "17 9' 4' –"],
    [40, "17 9' 4' –"],
    [39, "17 9' 4' –"],
    [34, "17 9' 4' –"],
    [33, "17 – 4' –"],
    [23, "17 – 4' –"],
    [22, "17 – 1'' –"],
    [15, "12 – 1'' –"],
    [14, "12 – – –"],
    [5, "5 – – –"],
    [1, "1 – – –"],
  ])("chooses, in %i columns, %s", (available, expected) => {
    expect(shown(lay(columns, available))).toBe(expected);
  });

  it("adds leftover space to the last cut column only", () => {
    const two: Columns = [
      { widths: [70], priorities: [{ order: 1, cutTo: 40 }] },
      { widths: [50], priorities: [{ order: 2, cutTo: 20 }] },
    ];
    expect([122, 121, 92, 91, 70, 62].map((width) => shown(lay(two, width)))).toEqual([
      "70 50",
      "69 50",
      "40 50",
      "40 49",
      "40 28",
      "40 20",
    ]);
  });

  it("keeps at least one column, and never cuts an uncuttable column", () => {
    const ids: Columns = [
      { widths: [17], priorities: [{ order: 1, isHidden: true }] },
      { widths: [16], priorities: [] },
    ];
    expect(shown(lay(ids, 34))).toBe("– 16");
    expect(shown(lay(ids, 3))).toBe("– 16");
    expect(shown(lay(ids.slice(0, 1), 3))).toBe("17");
    expect(shown(lay(ids.slice(1), 3))).toBe("16");
  });

  it("accepts no wording that is wider than the previous one", () => {
    const wide: Columns = [
      { widths: [9, 12, 5], priorities: [{ order: 1 }, { order: 2 }] },
      { widths: [9, 9], priorities: [{ order: 3 }] },
    ];
    expect([20, 19, 10].map((width) => shown(lay(wide, width)))).toEqual(["9 9", "5'' 9", "5'' –"]);
  });

  it("keeps the widths of earlier rows", () => {
    const above = lay(columns, 50);
    expect(shown(lay(columns, 200, above))).toBe("17 9' 4' –");
    const wider = columns.map((column, at) => (at === 1 ? { ...column, widths: [60, 20] } : column));
    expect(shown(lay(wider, 50, above))).toBe("17 9' 4' –");
    expect(shown(lay(wider, 40, above))).toBe("17 9' 4' –");
    expect(shown(lay(wider, 30, above))).toBe("17 – 4' –");
  });

  it("cuts text longer than in earlier rows, unless a shorter wording comes first", () => {
    const above = lay(columns, 83);
    const with0 = (width: number) =>
      columns.map((column, at) => (at === 0 ? { ...column, widths: [width] } : column));
    const with2 = columns.map((column, at) => (at === 2 ? { ...column, widths: [16, 4, 1] } : column));
    expect(shown(lay(with0(60), 83, above))).toBe("23 25 12 17");
    expect(shown(lay(with0(60), 90, above))).toBe("30 25 12 17");
    expect(shown(lay(with2, 83, above))).toBe("23 25 4' 17");
  });

  const anyConcession = fc.oneof(
    fc.constant({}),
    fc.integer({ min: 1, max: 30 }).map((cutTo) => ({ cutTo })),
    fc.constant({ isHidden: true } as const),
  );
  const anyColumn = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 9 }), anyConcession), { maxLength: 5 })
    .chain((steps) => {
      const priorities: ColumnPriority[] = steps.map(([order, step]) => ({ order, ...step }));
      const length = priorities.filter(({ cutTo, isHidden }) => cutTo === undefined && !isHidden).length + 1;
      return fc
        .array(fc.integer({ min: 1, max: 40 }), { minLength: length, maxLength: length })
        .map((widths) => ({ priorities, widths }));
    });
  const anyTable = fc.array(anyColumn, { minLength: 1, maxLength: 8 });

  it("never exceeds the terminal, unless only one column is left", () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 1, max: 200 }), (table, available) => {
        const layout = lay(table, available);
        const standing = layout.states.filter(({ isHidden }) => !isHidden);
        expect(standing.length).toBeGreaterThan(0);
        if (standing.length > 1) expect(totalOf(layout)).toBeLessThanOrEqual(available);
      }),
    );
  });

  it("cuts only cuttable columns", () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 1, max: 200 }), (table, available) => {
        const layout = lay(table, available);
        for (const [at, { isHidden, width, wording }] of layout.states.entries()) {
          const { widths = [], priorities = [] } = table[at] ?? {};
          const least = Math.min(...priorities.flatMap(({ cutTo }) => cutTo ?? []));
          if (!isHidden) expect(width).toBeGreaterThanOrEqual(Math.min(least, widths[wording] ?? 0));
        }
      }),
    );
  });

  it("never shows less on a wider terminal", () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 1, max: 200 }), fc.nat(50), (table, available, more) => {
        const narrow = lay(table, available);
        const wide = lay(table, available + more);
        expect(wide.applied).toBeLessThanOrEqual(narrow.applied);
        for (const [at, place] of wide.states.entries()) {
          const before = narrow.states[at];
          if (place.isHidden) expect(before?.isHidden).toBe(true);
          else if (before?.isHidden === false) expect(place.wording).toBeLessThanOrEqual(before.wording);
          if (!place.isHidden && place.wording === before?.wording)
            expect(place.width).toBeGreaterThanOrEqual(before.width);
        }
      }),
    );
  });
});
