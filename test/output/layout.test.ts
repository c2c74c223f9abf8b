import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Concession, type Layout, layOut } from "../../src/output/layout.js";

type Columns = readonly { concessions: readonly Concession[]; widths: readonly number[] }[];

function lay(columns: Columns, available: number, after?: Layout): Layout {
  const widthOf = (column: number, wording: number) => columns[column]?.widths[wording] ?? -1;
  return layOut(
    columns.map(({ concessions }) => concessions),
    { widthOf, available, after },
  );
}

/** `20`, `9'` in the first narrower wording, `9''` in the second, `–` gone. */
function shown({ places }: Layout): string {
  return places
    .map(({ isGone, width, wording }) => (isGone ? "–" : `${width}${"'".repeat(wording)}`))
    .join(" ");
}

function totalOf({ places }: Layout): number {
  const widths = places.filter(({ isGone }) => !isGone).map(({ width }) => width);
  return widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1);
}

describe("layOut", () => {
  const columns: Columns = [
    {
      widths: [23],
      concessions: [
        { turn: 4, cutTo: 17 },
        { turn: 8, cutTo: 12 },
        { turn: 10, cutTo: 1 },
      ],
    },
    { widths: [25, 9], concessions: [{ turn: 2, cutTo: 14 }, { turn: 3 }, { turn: 6, goes: true }] },
    { widths: [12, 4, 1], concessions: [{ turn: 1 }, { turn: 7 }, { turn: 9, goes: true }] },
    { widths: [17], concessions: [{ turn: 5, goes: true }] },
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
  ])("in %i columns gives %s", (available, expected) => {
    expect(shown(lay(columns, available))).toBe(expected);
  });

  it("gives the room that is left to what was cut last, and to nothing else", () => {
    const two: Columns = [
      { widths: [70], concessions: [{ turn: 1, cutTo: 40 }] },
      { widths: [50], concessions: [{ turn: 2, cutTo: 20 }] },
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

  it("keeps one column whatever there is, and what can't be cut whole", () => {
    const ids: Columns = [
      { widths: [17], concessions: [{ turn: 1, goes: true }] },
      { widths: [16], concessions: [] },
    ];
    expect(shown(lay(ids, 34))).toBe("– 16");
    expect(shown(lay(ids, 3))).toBe("– 16");
    expect(shown(lay(ids.slice(0, 1), 3))).toBe("17");
    expect(shown(lay(ids.slice(1), 3))).toBe("16");
  });

  it("takes no wording that is wider than the one before", () => {
    const wide: Columns = [
      { widths: [9, 12, 5], concessions: [{ turn: 1 }, { turn: 2 }] },
      { widths: [9, 9], concessions: [{ turn: 3 }] },
    ];
    expect([20, 19, 10].map((width) => shown(lay(wide, width)))).toEqual(["9 9", "5'' 9", "5'' –"]);
  });

  it("gives nothing back to what stands above", () => {
    const above = lay(columns, 50);
    expect(shown(lay(columns, 200, above))).toBe("17 9' 4' –");
    const wider = columns.map((column, at) => (at === 1 ? { ...column, widths: [60, 20] } : column));
    expect(shown(lay(wider, 50, above))).toBe("17 9' 4' –");
    expect(shown(lay(wider, 40, above))).toBe("17 9' 4' –");
    expect(shown(lay(wider, 30, above))).toBe("17 – 4' –");
  });

  it("cuts what is longer than what stands above, unless another wording comes first", () => {
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
    fc.constant({ goes: true } as const),
  );
  const anyColumn = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 9 }), anyConcession), { maxLength: 5 })
    .chain((steps) => {
      const concessions: Concession[] = steps.map(([turn, concession]) => ({ turn, ...concession }));
      const length = concessions.filter(({ cutTo, goes }) => cutTo === undefined && !goes).length + 1;
      return fc
        .array(fc.integer({ min: 1, max: 40 }), { minLength: length, maxLength: length })
        .map((widths) => ({ concessions, widths }));
    });
  const anyTable = fc.array(anyColumn, { minLength: 1, maxLength: 8 });

  it("is never wider than the terminal, unless one column alone is", () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 1, max: 200 }), (table, available) => {
        const layout = lay(table, available);
        const standing = layout.places.filter(({ isGone }) => !isGone);
        expect(standing.length).toBeGreaterThan(0);
        if (standing.length > 1) expect(totalOf(layout)).toBeLessThanOrEqual(available);
      }),
    );
  });

  it("cuts only what may be cut", () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 1, max: 200 }), (table, available) => {
        const layout = lay(table, available);
        for (const [at, { isGone, width, wording }] of layout.places.entries()) {
          const { widths = [], concessions = [] } = table[at] ?? {};
          const least = Math.min(...concessions.flatMap(({ cutTo }) => cutTo ?? []));
          if (!isGone) expect(width).toBeGreaterThanOrEqual(Math.min(least, widths[wording] ?? 0));
        }
      }),
    );
  });

  it("shows no column less, none in a narrower wording and nothing cut more, where the terminal is wider", () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: 1, max: 200 }), fc.nat(50), (table, available, more) => {
        const narrow = lay(table, available);
        const wide = lay(table, available + more);
        expect(wide.made).toBeLessThanOrEqual(narrow.made);
        for (const [at, place] of wide.places.entries()) {
          const before = narrow.places[at];
          if (place.isGone) expect(before?.isGone).toBe(true);
          else if (before?.isGone === false) expect(place.wording).toBeLessThanOrEqual(before.wording);
          if (!place.isGone && place.wording === before?.wording)
            expect(place.width).toBeGreaterThanOrEqual(before.width);
        }
      }),
    );
  });
});
