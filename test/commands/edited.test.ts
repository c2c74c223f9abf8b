import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EditedCase, editedCases, liveThroughEdits } from "../incident/edited-world.js";
import { thirdOfRuns } from "../support/third.js";

const plain: EditedCase = { by: "resume", acts: [], landsAfterS: undefined, touchedAfterS: 0, spelling: 0 };
const known: EditedCase[] = [
  { ...plain, acts: ["update, undo"] },
  { ...plain, acts: ["resume, undo"] },
  { ...plain, acts: ["run ends"] },
  { ...plain, landsAfterS: 8 },
  { ...plain, by: "undo", landsAfterS: 8 },
  { ...plain, by: "import", landsAfterS: 8, acts: ["update, undo"] },
  { ...plain, acts: ["enable, pause"] },
  { ...plain, acts: ["enable, pause", "update, undo"] },
  { ...plain, by: "undo", acts: ["enable, pause", "update, undo"] },
  { ...plain, acts: ["rename, rename back"], by: "import" },
];

describe("a paused automation", () => {
  it.each(known)(
    "is restored if only the user changed it: by $by, after $acts, $landsAfterS s late",
    async (each) => {
      expect(await liveThroughEdits(each)).toEqual([]);
    },
  );

  it("is restored if only the user changed it, even after random other actions", async () => {
    await fc.assert(
      fc.asyncProperty(editedCases, async (each) => {
        expect(await liveThroughEdits(each)).toEqual([]);
      }),
      { ...thirdOfRuns(50), interruptAfterTimeLimit: 800_000 },
    );
  });
});
