import fc from "fast-check";
import { expect, it } from "vitest";
import { histories, tryUndo } from "./undo-histories.js";

it("brings back what is still as a change left it, and moves nothing else, whatever came since", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      expect(await tryUndo(history)).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 120_000);
