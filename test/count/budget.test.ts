import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { budget } from "./budget.js";

it("lines, files and inputs stay within the budget", async () => {
  // V8 counts in a separate process, because here all files have already been entered.
  const words = ["--import", "tsx", "test/count/counts.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const counts: Record<string, number> = JSON.parse(stdout);
  expect(Object.keys(counts)).toEqual(Object.keys(budget));
  const above = Object.entries(counts).filter(([name, count]) => count > (budget[name] ?? 0));
  expect(above).toEqual([]);
});
