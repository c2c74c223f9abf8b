import { describe, expect, it } from "vitest";
import { peaksOf } from "../../src/observe/peaks.js";

const at = (time: string) => Date.parse(`2026-01-${time}:00Z`);
const scheduled = (schedules: readonly (string | null)[]) => schedules.map((schedule) => ({ schedule }));
const window = { sinceMs: at("05T00:00"), untilMs: at("06T00:00") };

describe("the peaks of a selection", () => {
  it("are named by their minute, the fullest first", () => {
    const schedules = [
      "0 9 * * *",
      "every Monday at 9am",
      "0 9 * * *",
      "0 14,15 * * *",
      "0 14 * * 1",
      "whenever",
    ];
    const { peaks, byHour, unreadable, fromMs } = peaksOf(scheduled([...schedules, null]), {
      window,
      atLeast: 2,
    });
    expect(peaks).toEqual([
      { minuteMs: at("05T09:00"), name: "Mon 09:00 UTC", fires: 3 },
      { minuteMs: at("05T14:00"), name: "Mon 14:00 UTC", fires: 2 },
    ]);
    expect([...byHour]).toEqual([
      [at("05T09:00"), 3],
      [at("05T14:00"), 2],
      [at("05T15:00"), 1],
    ]);
    expect({ unreadable, fromMs }).toEqual({ unreadable: 2, fromMs: window.sinceMs });
  });

  it("begin with the server's next time, and go on by the schedule after it", () => {
    const firings = [
      { schedule: "0 * * * *", nextMs: at("05T21:30") },
      { schedule: "whenever", nextMs: at("05T22:00") },
      { schedule: "0 22 * * *", nextMs: at("06T22:00") },
      { schedule: "0 23 * * *", nextMs: at("04T23:00") },
    ];
    const { byMinute, peaks, unreadable } = peaksOf(firings, { window, atLeast: 2 });
    expect([...byMinute]).toEqual([
      [at("05T21:30"), 1],
      [at("05T22:00"), 2],
      [at("05T23:00"), 2],
    ]);
    expect(peaks.map(({ name }) => name)).toEqual(["Mon 22:00 UTC", "Mon 23:00 UTC"]);
    expect(unreadable).toBe(1);
  });

  it("of a thousand automations of every minute over 30 days are counted whole", () => {
    const month = { sinceMs: at("01T00:00"), untilMs: at("31T00:00") };
    const { byHour, fromMs } = peaksOf(scheduled(Array(1000).fill("* * * * *")), {
      window: month,
      atLeast: 1001,
    });
    expect(fromMs).toBe(month.sinceMs);
    expect(byHour.size).toBe(720);
    expect(new Set(byHour.values())).toEqual(new Set([60_000]));
  });

  it("say from when on they are counted where that is too much", () => {
    const year = { sinceMs: at("01T00:00"), untilMs: at("01T00:00") + 365 * 86_400_000 };
    const { fromMs, byHour } = peaksOf(scheduled(["* * * * *", "0 * * * *"]), { window: year, atLeast: 2 });
    expect(fromMs).toBe(year.untilMs - 45_000 * 60_000);
    expect([...byHour.keys()][0]).toBe(fromMs);
  });
});
