import { describe, expect, it } from "vitest";
import { lastSignMs, overdueMs } from "../../src/observe/overdue.js";

const at = (clock: string) => Date.parse(`2026-01-05T${clock}Z`);
const hourly = { schedule: "0 * * * *", enabled: true };

describe("what an automation owes", () => {
  it.each([
    ["nothing within the grace", hourly, "09:00:01", "10:14:59", undefined],
    ["the first fire since, once the grace is over", hourly, "09:00:01", "12:15:00", "10:00:00"],
    ["nothing while it is paused", { ...hourly, enabled: false }, "09:00:01", "12:15:00", undefined],
    [
      "nothing where nobody knows whether it is enabled",
      { schedule: "0 * * * *" },
      "09:00:01",
      "12:15:00",
      undefined,
    ],
    [
      "nothing where its schedule can't be read",
      { ...hourly, schedule: "whenever" },
      "09:00:01",
      "12:15:00",
      undefined,
    ],
  ])("is %s", (_, automation, since, now, owed) => {
    const times = { sinceMs: at(since), nowMs: at(now), graceMs: 15 * 60_000 };
    expect(overdueMs(automation, times)).toBe(owed && at(owed));
  });

  it("counts from the last that is known of it", () => {
    const known = {
      ...hourly,
      created_at: "2026-01-05T07:00:00Z",
      updated_at: null,
      last_run_at: "2026-01-05T08:00:00Z",
      recent_runs: [{ run_id: "run_1", started_at: "2026-01-05T09:00:00Z" }, { run_id: "run_2" }],
    };
    expect(lastSignMs(known)).toBe(at("09:00:00"));
    expect(lastSignMs(known, at("09:30:00"))).toBe(at("09:30:00"));
    expect(lastSignMs(hourly)).toBeUndefined();
  });
});
