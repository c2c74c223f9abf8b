import { describe, expect, it } from "vitest";
import { WorkflowGuard } from "../../src/output/github.js";
import { toJson } from "../../src/output/json.js";
import { safe } from "../../src/output/safe.js";
import { plainStyle } from "../../src/output/style.js";
import { type Column, renderTable } from "../../src/output/table.js";
import { wrap } from "../../src/output/width.js";

/** Far above what each takes on a slow machine, far below what a quadratic way would. */
const enoughMs = 5000;
const length = 200_000;

async function timeMs(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe("time grows with the text, not with its square", () => {
  const texts: [name: string, text: string][] = [
    ["plain text", "x".repeat(length)],
    ["a script without spaces", "毎週月曜日".repeat(length / 10)],
    ["line ends", "\n".repeat(length)],
    ["spaces", " ".repeat(length)],
    ["colons and hashes", "\n ::##[".repeat(length / 4)],
    ["marks", `a${"\u0301".repeat(length / 10)}`],
    ["joiners", "👩\u200d".repeat(length / 4)],
    ["escapes", "\x1b[2J".repeat(length / 4)],
    ["quotes", '"'.repeat(length)],
  ];

  it.each(texts)("%s", async (_name, text) => {
    const shown = safe(text, "block");
    expect(await timeMs(() => safe(text, "cell"))).toBeLessThan(enoughMs);
    expect(await timeMs(() => wrap(shown, 80))).toBeLessThan(enoughMs);
    expect(await timeMs(() => new WorkflowGuard().guard(shown))).toBeLessThan(enoughMs);
    expect(await timeMs(() => toJson({ text }, { githubActions: true }))).toBeLessThan(enoughMs);
  });

  it("many small writes of one line", async () => {
    const guard = new WorkflowGuard();
    const write = () => {
      for (let count = 0; count < 100_000; count += 1) guard.guard(" ");
    };
    expect(await timeMs(write)).toBeLessThan(enoughMs);
  });

  it("a table of ten thousand rows", async () => {
    const columns: Column<number>[] = ["name", "schedule", "status", "last", "next", "id"].map(
      (key, index) => ({
        key,
        title: key.toUpperCase(),
        cell: (row) => `${key} ✓ ${row}`,
        shrink: index === 5 ? undefined : index + 1,
      }),
    );
    const rows = Array.from({ length: 10_000 }, (_, index) => index);
    expect(await timeMs(() => renderTable(rows, columns, { width: 120, style: plainStyle }))).toBeLessThan(
      enoughMs,
    );
  });
});
