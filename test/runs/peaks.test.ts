import { describe, expect, it } from "vitest";
import { peaksOf } from "../../src/runs/peaks.js";

const at = (time: string) => Date.parse(`2026-01-${time}:00Z`);
const scheduled = (schedules: readonly string[]) =>
  schedules.map((schedule, position) => ({ schedule, position }));
const window = { sinceMs: at("05T00:00"), untilMs: at("06T00:00") };

describe("the peaks of automations", () => {
  it("are named by minute and first run, fullest first", () => {
    const schedules = ["0 14,15 * * *", "0 9 * * *", "every Monday at 9am", "0 9 * * *", "0 14 * * 1", "?"];
    expect(peaksOf(scheduled(schedules), { window, atLeast: 2 })).toEqual([
      { minuteMs: at("05T09:00"), name: "Mon 09:00 UTC", runs: 3, position: 1 },
      { minuteMs: at("05T14:00"), name: "Mon 14:00 UTC", runs: 2, position: 0 },
    ]);
  });

  it("are complete for a thousand automations every minute over 31 days", () => {
    const month = { sinceMs: at("01T00:00"), untilMs: at("31T00:00") + 86_400_000 };
    const peaks = peaksOf(scheduled(Array(1000).fill("* * * * *")), { window: month });
    expect(peaks).toHaveLength(31 * 1440);
    expect(new Set(peaks.map(({ runs }) => runs))).toEqual(new Set([1000]));
    expect(peaks[0]?.minuteMs).toBe(month.sinceMs);
  });
});
