import { describe, expect, it } from "vitest";
import { readSchedule } from "../../src/schedule/read.js";
import { scheduleError } from "../../src/schedule/schedule-error.js";
import { knownForms } from "./known-forms.js";
import { refused } from "./phrases.js";

const hintOf = (text: string) => {
  const reading = readSchedule(text);
  return reading.ok ? "" : String(scheduleError(text, reading).hint ?? "");
};

describe("the rejection of a schedule", () => {
  it.each(refused)("shows at most three examples for %j, below the hint", (text, _, hint) => {
    const lines = hintOf(text).split("\n");
    expect(lines.filter((line) => line.startsWith("  ")).length).toBeLessThanOrEqual(3);
    if (hint !== undefined) expect(lines[0]).toBe(hint);
  });

  it.each([
    ["every day at 9", "times"],
    ["banana", "times"],
    ["every mondey", "weekdays"],
    ["every hour at 15", "steps"],
    ["the 32nd of every month", "dates"],
    ["60 9 * * *", "cron"],
  ] as const)("shows, for %j, forms of its kind: %s", (text, kind) => {
    const lines = hintOf(text).split("\n");
    expect(lines.slice(lines.indexOf("for example:"))).toEqual([
      "for example:",
      ...knownForms[kind].map((form) => `  ${form}`),
    ]);
  });

  it.each(["every other tuesday", "end of month", "every monday at 9:00, friday at 17:00"])(
    "contains, for %j, only the reason and an alternative",
    (text) => {
      expect(hintOf(text)).not.toContain("for example");
    },
  );
});
