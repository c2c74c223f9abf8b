import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { killedUpdate } from "./killed-update.js";

describe("a killed bulk update", () => {
  it("leaves each automation either old or new, and finishes when rerun", async () => {
    const { problems } = await killedUpdate({ home: temporaryFolder(), automations: 30, killAt: 12 });
    expect(problems).toEqual([]);
  });
});
