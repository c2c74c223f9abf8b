import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { killedUpdate } from "./killed-update.js";

describe("an update of many that is killed", () => {
  it("leaves each automation as it was or as it is to be, and the same command does the rest", async () => {
    for (const killAt of [1, 20]) {
      const { problems } = await killedUpdate({ home: temporaryFolder(), automations: 40, killAt });
      expect(problems).toEqual([]);
    }
  }, 60_000);
});
