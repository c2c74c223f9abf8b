import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { killedUpdate } from "./killed-update.js";

describe("an update of many that is killed", () => {
  it("leaves each automation as it was or as it is to be, and the same command does the rest", async () => {
    const { problems } = await killedUpdate({ home: temporaryFolder(), automations: 30, killAt: 12 });
    expect(problems).toEqual([]);
  });
});
