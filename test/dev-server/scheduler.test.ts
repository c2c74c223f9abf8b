import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextDue } from "../../src/dev-server/scheduler.js";
import { temporaryFolder } from "../support/harness.js";
import { type Caller, field, monday, openCaller } from "./caller.js";

const base = "/v1/deployments/dep_local";

async function create(caller: Caller, schedule: string, rest: object = {}): Promise<string> {
  const fields = { name: schedule, schedule, instructions: "x", ...rest };
  return `${base}/automations/${field(await caller.call("POST", `${base}/automations`, fields), "automation_id")}`;
}

/** The times of day when its scheduled runs started, oldest first. */
async function fired(caller: Caller, automation: string): Promise<string[]> {
  const { recent_runs } = (await caller.call("GET", automation)).body as {
    recent_runs: { trigger: string; started_at: string }[];
  };
  const scheduled = recent_runs.filter(({ trigger }) => trigger === "schedule");
  return scheduled.map(({ started_at }) => started_at.slice(5, 16)).reverse();
}

describe("schedules", () => {
  it("run once at each due time, in order, as the clock moves", async () => {
    const caller = await openCaller("in process");
    const [hourly, often] = [await create(caller, "0 * * * *"), await create(caller, "*/20 * * * *")];
    const paused = await create(caller, "*/20 * * * *", { enabled: false });
    await caller.server.advance(2 * 3600);
    expect(await fired(caller, hourly)).toEqual(["03-02T11:00", "03-02T12:00"]);
    expect(await fired(caller, often)).toEqual([
      "03-02T10:20",
      "03-02T10:40",
      "03-02T11:00",
      "03-02T11:20",
      "03-02T11:40",
      "03-02T12:00",
    ]);
    expect(await fired(caller, paused)).toEqual([]);
    await caller.close();
  });

  it("run at the times of a schedule written in words", async () => {
    const caller = await openCaller("in process");
    const weekdays = await create(caller, "every weekday at 9am");
    await caller.server.advance(7 * 86_400);
    expect(await fired(caller, weekdays)).toEqual([
      "03-03T09:00",
      "03-04T09:00",
      "03-05T09:00",
      "03-06T09:00",
      "03-09T09:00",
    ]);
    await caller.close();
  });

  it("run by themselves in real time", async () => {
    // Its minute begins after it was created, however long that takes.
    let passed = () => 0;
    const caller = await openCaller("in process", { now: () => monday + 59_900 + passed() });
    const automation = await create(caller, "* * * * *");
    const start = Date.now();
    passed = () => Date.now() - start;
    await expect.poll(() => fired(caller, automation)).toEqual(["03-02T10:01"]);
    await caller.close();
  });

  it("stop at once when paused or deleted, and take effect when changed", async () => {
    const caller = await openCaller("in process");
    const [paused, deleted, changed] = [
      await create(caller, "*/10 * * * *"),
      await create(caller, "*/10 * * * *"),
      await create(caller, "*/10 * * * *"),
    ];
    await caller.server.advance(600);
    await caller.call("PATCH", paused, { enabled: false });
    await caller.call("DELETE", deleted);
    await caller.call("PATCH", changed, { schedule: "15 * * * *" });
    await caller.server.advance(1200);
    expect(await fired(caller, paused)).toEqual(["03-02T10:10"]);
    expect(await fired(caller, changed)).toEqual(["03-02T10:10", "03-02T10:15"]);
    expect((await caller.call("GET", "/v1/deployments/dep_local/threads")).body).toMatchObject({
      data: [{}, { message_count: 2 }, {}, {}],
    });
    await caller.close();
  });

  it("keep their next run time when other fields change", async () => {
    const caller = await openCaller("in process");
    const automation = await create(caller, "*/10 * * * *");
    await caller.server.advance(599);
    await caller.call("PATCH", automation, { name: "x", enabled: true, schedule: "*/10 * * * *" });
    await caller.server.advance(1);
    expect(await fired(caller, automation)).toEqual(["03-02T10:10"]);
    await caller.close();
  });

  it("run once for all times missed while the server was down", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const before = await openCaller("in process", { dataFile });
    const often = await create(before, "*/10 * * * *");
    const rarely = await create(before, "0 0 1 * *");
    await before.close();
    const after = await openCaller("in process", { dataFile, now: () => monday + 2 * 3_600_000 + 60_000 });
    await expect.poll(() => fired(after, often)).toEqual(["03-02T12:01"]);
    expect(await fired(after, rarely)).toEqual([]);
    await after.server.advance(9 * 60);
    expect(await fired(after, often)).toEqual(["03-02T12:01", "03-02T12:10"]);
    await after.close();
    const again = await openCaller("in process", { dataFile, now: () => monday + 2 * 3_600_000 + 60_000 });
    expect((await again.call("GET", "/_dev/clock")).body).toEqual({ now: "2026-03-02T12:10:00.000Z" });
    expect(await fired(again, often)).toEqual(["03-02T12:01", "03-02T12:10"]);
    await again.close();
  });

  it("run at every due time and no other, however the clock moves", async () => {
    const moves = fc.array(fc.integer({ min: 0, max: 3 * 3600 }), { minLength: 1, maxLength: 5 });
    const crons = fc.constantFrom("*/7 * * * *", "0 */2 * * *", "30 11 * * *", "59 23 * * 1");
    await fc.assert(
      fc.asyncProperty(moves, crons, async (steps, cron) => {
        const [piecewise, atOnce] = [await openCaller("in process"), await openCaller("in process")];
        const [one, other] = [await create(piecewise, cron), await create(atOnce, cron)];
        for (const step of steps) await piecewise.server.advance(step);
        await atOnce.server.advance(steps.reduce((sum, step) => sum + step, 0));
        expect(await fired(piecewise, one)).toEqual(await fired(atOnce, other));
        await Promise.all([piecewise.close(), atOnce.close()]);
      }),
      { numRuns: 12 },
    );
  });
});

describe("a clock moved twice at the same time", () => {
  it("makes one move after the other", async () => {
    const caller = await openCaller("in process");
    const automation = await create(caller, "*/10 * * * *");
    await Promise.all([caller.server.advance(600), caller.server.advance(600)]);
    expect(await fired(caller, automation)).toEqual(["03-02T10:10"]);
    await caller.close();
  });
});

describe("the starting time of the clock", () => {
  it("can be any time for new data, but can't go back for old data", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const startAt = Date.parse("2020-01-01T00:00:00Z");
    const first = await openCaller("in process", { dataFile, startAt });
    expect((await first.call("GET", "/_dev/clock")).body).toEqual({ now: "2020-01-01T00:00:00.000Z" });
    await first.close();
    await expect(openCaller("in process", { dataFile, startAt: startAt - 1 })).rejects.toThrow(
      "this data's clock is already at 2020-01-01T00:00:00.000Z and can't go back",
    );
    const second = await openCaller("in process", { dataFile, startAt: startAt + 1 });
    expect((await second.call("GET", "/_dev/clock")).body).toEqual({ now: "2020-01-01T00:00:00.001Z" });
    await second.close();
  });
});

it("nextDue returns no time after the year 9999", () => {
  const lastMinute = Date.UTC(9999, 11, 31, 23, 58);
  expect(nextDue("* * * * *", lastMinute)).toBe(lastMinute + 60_000);
  expect(nextDue("* * * * *", lastMinute + 60_000)).toBe(null);
});
