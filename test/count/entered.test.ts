import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** Files of src that V8 saw entered: lower it when it falls. */
const most: Record<string, number> = {
  "pause R1": 127,
  "pause --match": 177,
  list: 97,
  "trigger --follow": 141,
  apply: 208,
};

it("enters no more files than before", async () => {
  const words = ["--import", "tsx", "test/count/entered.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const counts: Record<string, number> = JSON.parse(stdout);
  expect(Object.keys(counts)).toEqual(Object.keys(most));
  const above = Object.entries(counts).filter(([name, files]) => files > (most[name] ?? 0));
  expect(above).toEqual([]);
});
