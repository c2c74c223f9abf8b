import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { thirdOfRuns } from "../support/third.js";
import { anyHistory, liesOf, type Told, whole } from "./audit-deeds.js";

describe("an audit of random histories of the local server", () => {
  it("never contradicts the server's own record, with or without updated_at", async () => {
    const told: Told = { found: new Map(), bare: new Map() };
    const property = fc.asyncProperty(anyHistory, async (deeds) => {
      expect(await liesOf(deeds, told)).toEqual([]);
    });
    await fc.assert(property, { ...thirdOfRuns(5), examples: [[whole]], endOnFailure: true });
    for (const result of ["missed", "late", "on_time", "overlapping", "unknown"])
      expect([result, told.found.get(result) ?? 0]).toEqual([result, expect.toSatisfy((count) => count > 0)]);
    expect([...told.bare.keys()].sort()).toEqual(["on_time", "overlapping", "unknown"]);
  });
});
