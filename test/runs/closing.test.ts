import { describe, expect, it } from "vitest";
import { plainStyle } from "../../src/output/style.js";
import { displayWidth } from "../../src/output/width.js";
import { closingLine } from "../../src/runs/closing-line.js";
import { readEvent, reduce, startRun } from "../../src/runs/reduce.js";
import { result, status, tool } from "./events.js";

const showCommand = "herm runs show dep_7xK9s2/run_81Jq";

function closing(columns: number | undefined, error?: string): string {
  const end = error === undefined ? status("completed") : status("error", { error });
  const events = [tool("search", {}), result("search", "x"), end].map(readEvent);
  const state = events.reduce(reduce, startRun("run_1"));
  return closingLine(state, { durationMs: 12_400, showCommand, style: plainStyle, columns });
}

describe("the closing line", () => {
  it("is one line if it fits, and always in a pipe", () => {
    const line = `✓ completed in 12 s · 1 tool call · ${showCommand}`;
    expect(closing(displayWidth(line) + 1)).toBe(line);
    expect(closing(undefined)).toBe(line);
    expect(closing(undefined, "x".repeat(300))).toContain("x".repeat(300));
  });

  it("puts the command on its own line if it doesn't fit", () => {
    expect(closing(40)).toBe(`✓ completed in 12 s · 1 tool call\n${showCommand}`);
  });

  it("cuts the error before anything else", () => {
    expect(closing(40, "the tool can't be reached")).toBe(
      `✗ failed: the… after 12 s · 1 tool call\n${showCommand}`,
    );
  });

  it.each([35, 40, 60, 80, 120])("fits a terminal of %i columns", (columns) => {
    for (const error of [undefined, "no", "a long story ".repeat(20)]) {
      const widths = closing(columns, error).split("\n").map(displayWidth);
      expect(Math.max(...widths)).toBeLessThan(columns);
    }
  });
});
