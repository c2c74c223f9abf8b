import { describe, expect, it } from "vitest";
import { schedulesEqual } from "../../src/schedule/compare.js";

describe("equal schedules", () => {
  it.each([
    ["every Monday at 9am", "0 9 * * 1"],
    ["0 9 * * MON", "00 09 * * mon"],
    ["every Monday at 9am", "mondays at 09:00 UTC"],
    ["@weekly", "0 0 * * 7"],
    ["*/15 * * * *", "every 15 minutes"],
    ["0 9 1-31 * 1", "every day at 9am"],
    ["whenever it rains", "whenever it rains"],
  ])("include %j and %j", (a, b) => {
    expect(schedulesEqual(a, b)).toBe(true);
    expect(schedulesEqual(b, a)).toBe(true);
  });

  it.each([
    ["every Monday at 9am", "every Tuesday at 9am"],
    ["0 9 13 * *", "0 9 13 * 5"],
    ["whenever it rains", "whenever it snows"],
    ["whenever it rains", "0 9 * * 1"],
  ])("exclude %j and %j", (a, b) => {
    expect(schedulesEqual(a, b)).toBe(false);
  });
});
