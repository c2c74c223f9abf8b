import fc from "fast-check";
import { expect, it } from "vitest";
import { histories, tryUndo } from "./undo-histories.js";

/** `HISTORIES=200 npx vitest run test/commands/undo-histories.test.ts` tries as many as are claimed. */
const numRuns = Number(process.env.HISTORIES ?? 12);

it("undo brings back what is still as a change left it, and changes nothing else, in random histories", async () => {
  const tried = fc.asyncProperty(histories, async (history) => {
    expect(await tryUndo(history)).toEqual([]);
  });
  await fc.assert(tried, { numRuns });
}, 600_000);
