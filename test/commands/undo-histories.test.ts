import fc from "fast-check";
import { expect, it } from "vitest";
import { thirdOfRuns } from "../support/third.js";
import { histories, tryUndo } from "./undo-histories.js";

it("undo restores exactly the automations unchanged since, in random histories", async () => {
  const tried = fc.asyncProperty(histories, async (history) => {
    expect(await tryUndo(history)).toEqual([]);
  });
  await fc.assert(tried, thirdOfRuns(12));
}, 600_000);
