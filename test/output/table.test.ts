import { describe, expect, it } from "vitest";
import { pipedRow } from "../../src/output/columns.js";
import { type Column, inBlocks, renderTable, tableBlocks } from "../../src/output/render-table.js";
import { loadStyle, plainStyle, type Style } from "../../src/output/style.js";
import { displayWidth } from "../../src/output/width.js";
import { show } from "../support/terminal.js";
import { terminalTexts } from "../support/terminal-texts.js";

interface Row {
  name: string;
  schedule: string;
  status: string;
  runs: number;
  id: string;
}

const columns: Column<Row>[] = [
  {
    key: "name",
    title: "NAME",
    cell: (row) => row.name,
    priorities: [
      { order: 1, cutTo: 20 },
      { order: 7, cutTo: 1 },
    ],
  },
  {
    key: "schedule",
    title: "SCHEDULE",
    cell: (row) => row.schedule,
    priorities: [
      { order: 3, cutTo: 12 },
      { order: 4, isHidden: true },
    ],
  },
  {
    key: "status",
    title: "STATUS",
    cell: (row) => row.status,
    priorities: [
      { order: 2, isSign: true, cell: (row) => row.status.slice(0, 1) },
      { order: 8, isHidden: true },
    ],
    piped: (row) => row.status.slice(2),
    style: (text, row, style) => (row.status.startsWith("✗") ? style.failing(text) : text),
  },
  {
    key: "runs",
    title: "RUNS",
    cell: (row) => `${row.runs}`,
    align: "right",
    priorities: [{ order: 5, isHidden: true }],
  },
  { key: "id", title: "ID", cell: (row) => row.id, priorities: [{ order: 6, isHidden: true }] },
];
const rows: Row[] = [
  {
    name: "Weekly video variations",
    schedule: "Every Monday at 09:00",
    status: "✓ completed",
    runs: 12,
    id: "auto_5cT2k9",
  },
  {
    name: "毎週月曜日のレポートを書く",
    schedule: "Daily at 07:30",
    status: "✗ error",
    runs: 3,
    id: "auto_9",
  },
  {
    name: "Café 👩‍🔬 \x1b[2Jreport\n",
    schedule: "0 9 * * 1-5",
    status: "○ paused",
    runs: 1234,
    id: "auto_Zb7q1M3",
  },
];

function render(width: number, style: Style = plainStyle): Promise<string> {
  return renderTable(rows, columns, { width, style });
}

describe("a table on a terminal", () => {
  it("is aligned by display width at 120 columns", async () => {
    expect(await render(120)).toMatchInlineSnapshot(`
      "NAME                        SCHEDULE               STATUS       RUNS  ID
      Weekly video variations     Every Monday at 09:00  ✓ completed    12  auto_5cT2k9
      毎週月曜日のレポートを書く  Daily at 07:30         ✗ error         3  auto_9
      Café 👩‍🔬 ^[[2Jreport\\n       0 9 * * 1-5            ○ paused     1234  auto_Zb7q1M3
      "
    `);
  });

  it("shrinks columns in their order at 80 columns", async () => {
    expect(await render(80)).toMatchInlineSnapshot(`
      "NAME                      SCHEDULE               STATUS       RUNS  ID
      Weekly video variations   Every Monday at 09:00  ✓ completed    12  auto_5cT2k9
      毎週月曜日のレポートを…   Daily at 07:30         ✗ error         3  auto_9
      Café 👩‍🔬 ^[[2Jreport\\n     0 9 * * 1-5            ○ paused     1234  auto_Zb7q1M3
      "
    `);
  });

  it("shows marks, and ids in full or not at all, at 40 and 20 columns", async () => {
    expect(await render(40)).toMatchInlineSnapshot(`
      "NAME                     ID
      Weekly video variat…  ✓  auto_5cT2k9
      毎週月曜日のレポー…   ✗  auto_9
      Café 👩‍🔬 ^[[2Jreport…  ○  auto_Zb7q1M3
      "
    `);
    expect(await render(20)).toMatchInlineSnapshot(`
      "NAME
      Weekly video var…  ✓
      毎週月曜日のレポ…  ✗
      Café 👩‍🔬 ^[[2Jrep…  ○
      "
    `);
  });

  it.each([4, 20, 31, 47, 60, 80, 120])("fits %i columns", async (width) => {
    for (const line of (await render(width)).split("\n"))
      expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  it("colours the text, not the space after it", async () => {
    expect(
      (await render(60, await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout")))
        .split("\n")
        .slice(0, 3),
    ).toMatchInlineSnapshot(`
      [
        "[1mNAME[22m                  [1mSCHEDULE[22m            [1mRUNS[22m  [1mID[22m",
        "Weekly video variat…  Every Monday a…  ✓    12  auto_5cT2k9",
        "毎週月曜日のレポー…   Daily at 07:30   [7m✗[27m     3  auto_9",
      ]
    `);
  });

  it("is empty without rows", async () => {
    expect(await renderTable([], columns, { width: 80, style: plainStyle })).toBe("");
  });

  const many = Array.from({ length: 250 }, (_, index) => ({
    name: index === 150 ? "a much longer name than those of the first block" : "report",
    schedule: index === 201 ? "weekly" : "daily",
    status: "✓ ok",
    runs: 1,
    id: index === 240 ? "auto_123456" : `auto_${index}`,
  }));

  async function blocksOf(all: readonly Row[], width: number): Promise<string[]> {
    const blocks = [];
    for await (const block of tableBlocks(inBlocks([all]), () => columns, { width, style: plainStyle }))
      blocks.push(block);
    return blocks;
  }

  it("has one header over many blocks, with widths that never shrink", async () => {
    const blocks = await blocksOf(many, 53);
    expect(blocks.map((block) => block.split("\n").length - 1)).toEqual([101, 100, 50]);
    const lines = blocks.join("").split("\n");
    expect(lines.filter((line) => line.startsWith("NAME"))).toHaveLength(1);
    expect([lines[0], lines[1], lines[151], lines[241]]).toMatchInlineSnapshot(`
      [
        "NAME    SCHEDULE  STATUS  RUNS  ID",
        "report  daily     ✓ ok       1  auto_0",
        "a much longer name…  daily     ✓ ok       1  auto_150",
        "report            daily     ✓ ok       1  auto_123456",
      ]
    `);
  });

  it("repeats its header above rows with other columns or narrower wording", async () => {
    const needy = many.map((row, index) => {
      if (index < 100) return { ...row, schedule: "–", name: "report" };
      return index < 200 ? { ...row, name: "report" } : { ...row, status: "✗ failed for good, alas" };
    });
    const blocks = await blocksOf(needy, 53);
    expect(blocks.map((block) => block.split("\n").slice(0, 2))).toMatchInlineSnapshot(`
      [
        [
          "NAME    STATUS  RUNS  ID",
          "report  ✓ ok       1  auto_0",
        ],
        [
          "NAME    SCHEDULE  STATUS  RUNS  ID",
          "report  daily     ✓ ok       1  auto_100",
        ],
        [
          "NAME    SCHEDULE     RUNS  ID",
          "report  daily     ✗     1  auto_200",
        ],
      ]
    `);
    for (const line of blocks.join("").split("\n")) expect(line.length).toBeLessThanOrEqual(53);
  });

  it("omits empty columns, unless they are requested", async () => {
    const quiet = rows.map((row) => ({ ...row, name: "report", schedule: "–", status: "" }));
    expect(await renderTable(quiet, columns, { width: 80, style: plainStyle })).toMatchInlineSnapshot(`
      "NAME    RUNS  ID
      report    12  auto_5cT2k9
      report     3  auto_9
      report  1234  auto_Zb7q1M3
      "
    `);
    const asked = columns.map((column) => ({
      ...column,
      isAlwaysShown: column.key === "schedule" || undefined,
    }));
    expect(await renderTable(quiet, asked, { width: 80, style: plainStyle })).toMatch(
      /^NAME {4}SCHEDULE {2}RUNS/,
    );
    const silent = columns.slice(1, 3);
    expect(await renderTable(quiet, silent, { width: 80, style: plainStyle })).toMatch(
      /^SCHEDULE {2}STATUS\n/,
    );
  });

  it.each(terminalTexts.attacks)("keeps its rows intact: $name", async ({ text }) => {
    const attack = rows.map((row) => ({ ...row, name: text, schedule: text }));
    const style = await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout");
    const screen = await show(await renderTable(attack, columns, { width: 80, style }), { columns: 80 });
    expect(screen.effects.filter((effect) => effect !== "CSI m")).toEqual([]);
    expect(screen.lines).toHaveLength(4);
    expect(screen.lines[0]).toMatch(/^NAME .* ID$/);
    for (const [index, { id }] of attack.entries()) expect(screen.lines[index + 1]?.endsWith(id)).toBe(true);
  });
});

describe("a row in a pipe", () => {
  it("is separated by tabs and uncut, with its own wording", () => {
    expect(rows.map((row) => pipedRow(row, columns))).toEqual([
      "Weekly video variations\tEvery Monday at 09:00\tcompleted\t12\tauto_5cT2k9",
      "毎週月曜日のレポートを書く\tDaily at 07:30\terror\t3\tauto_9",
      "Café 👩‍🔬 ^[[2Jreport\\n\t0 9 * * 1-5\tpaused\t1234\tauto_Zb7q1M3",
    ]);
  });

  it.each(terminalTexts.attacks)("keeps its fields: $name", ({ text }) => {
    const row: Row = { name: text, schedule: text, status: "✓ ok", runs: 1, id: "auto_1" };
    const line = pipedRow(row, columns);
    expect(line.split("\t")).toHaveLength(5);
    expect(line).not.toMatch(/[\r\n\u2028\u2029\v\f\x85]/);
  });
});
