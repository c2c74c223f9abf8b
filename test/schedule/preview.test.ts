import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadPreviewSchedule, previewSchedule } from "../../src/schedule/preview.js";

const now = new Date("2026-07-01T12:00:00Z");

describe("the preview of a schedule", () => {
  it("shows words in UTC with next times, and in local time", async () => {
    expect(
      await previewSchedule({ text: "every weekday at 9am", displayZone: "Europe/Berlin", now }),
    ).toEqual({
      ok: true,
      input: "every weekday at 9am",
      kind: "words",
      cron: "0 9 * * 1-5",
      description: "every weekday at 09:00 UTC",
      timeZone: "UTC",
      displayZone: "Europe/Berlin",
      next: [
        { at: new Date("2026-07-02T09:00:00Z") },
        { at: new Date("2026-07-03T09:00:00Z") },
        { at: new Date("2026-07-06T09:00:00Z") },
      ],
      utcRemark: "09:00 UTC is 11:00 in Europe/Berlin",
    });
  });

  it("shows a zone's schedule in UTC, with its next change", async () => {
    const text = "every monday at 9am";
    expect(await previewSchedule({ text, timeZone: "America/New_York", now, count: 1 })).toEqual({
      ok: true,
      input: text,
      kind: "words",
      cron: "0 13 * * 1",
      description: "every Monday at 13:00 UTC",
      timeZone: "America/New_York",
      localDescription: "every Monday at 09:00",
      displayZone: "America/New_York",
      next: [{ at: new Date("2026-07-06T13:00:00Z") }],
      offsetChangesAt: new Date("2026-11-01T06:00:00Z"),
      nextAfterChange: new Date("2026-11-02T13:00:00Z"),
    });
  });

  it("marks times that differ from the requested hour, not today's offset", async () => {
    const options = { text: "every January 1st at 9am", timeZone: "Europe/Berlin", now, count: 2 };
    expect(await previewSchedule(options)).toMatchObject({
      cron: "0 8 1 1 *",
      next: [{ at: new Date("2027-01-01T08:00:00Z") }, { at: new Date("2028-01-01T08:00:00Z") }],
    });
    expect(
      await previewSchedule({
        ...options,
        text: "0 8 1 1 *",
        timeZone: undefined,
        displayZone: "Europe/Berlin",
      }),
    ).toMatchObject({
      next: [{ change: "moved", remark: "09:00 instead of 10:00" }, { change: "moved" }],
    });
  });

  it.each([
    ["every 15 minutes", "Europe/Berlin"],
    ["every day at 9am UTC", "Europe/Berlin"],
    ["every day at 9am", "UTC"],
    ["every day at 9am", "Europe/London", new Date("2026-01-15T12:00:00Z")],
  ])("doesn't mention UTC for %s in %s", async (text, displayZone, at = now) => {
    expect(await previewSchedule({ text, displayZone, now: at })).not.toHaveProperty("utcRemark");
  });

  it.each([
    ["every 15 minutes between 9am and 5pm", "until 16:45"],
    ["every 30 minutes between 9:00 and 17:00", "until 16:30"],
    ["every hour from 8am to 6pm", "until 18:00"],
    ["every 2 hours from 9 to 17", "until 17:00"],
    ["every 12 hours from 9am to 5pm", "until 09:00"],
  ])("reports the last run in the window of %j", async (text, note) => {
    expect(await previewSchedule({ text, displayZone: "UTC", now })).toMatchObject({ note });
  });

  it.each([
    [{ text: "banana" }, '"banana" doesn\'t fit (column 1)', undefined],
    [{ text: "every day at 9am", timeZone: "Berlin" }, '"Berlin" isn\'t a time zone', "Europe/Berlin"],
    [{ text: "every day at 9am", displayZone: "Berlin" }, '"Berlin" isn\'t a time zone', "Europe/Berlin"],
    [
      { text: "every day at 9am UTC", timeZone: "Europe/Berlin" },
      "the schedule says UTC, but the zone is Europe/Berlin",
      "choose one",
    ],
    [
      { text: "on the 1st of every month at 1am", timeZone: "Europe/Berlin" },
      "in Europe/Berlin (UTC+02:00) this can't be one UTC cron: the dates fall on another day in UTC and months differ in length",
      "times from 02:00 on stay on their day",
    ],
  ])("rejects %o", async (options, reason, hint) => {
    expect(await previewSchedule({ ...options, now })).toEqual({ ok: false, reason, ...(hint && { hint }) });
  });

  it("returns a result even for random texts, once loaded", async () => {
    const preview = await loadPreviewSchedule();
    const zones = fc.constantFrom(undefined, "Europe/Berlin", "Asia/Kathmandu", "UTC", "nowhere", "");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), zones, zones, (text, timeZone, displayZone) => {
        expect(preview({ text, timeZone, displayZone, now }).ok).toBeTypeOf("boolean");
      }),
    );
  });
});

describe("the cron expression sent for a schedule", () => {
  it.each([
    [{ text: "every Monday at 9am" }, { ok: true, cron: "0 9 * * 1" }],
    [
      { text: "every Monday at 9am", timeZone: "UTC" },
      { ok: true, cron: "0 9 * * 1" },
    ],
    [
      { text: "every Monday at 9am", timeZone: "Asia/Tokyo" },
      { ok: true, cron: "0 0 * * 1" },
    ],
    [
      { text: "banana", timeZone: "Asia/Tokyo" },
      { ok: false, reason: '"banana" doesn\'t fit (column 1)' },
    ],
  ])("is correct for %o", async (options, expected) => {
    expect(await previewSchedule({ ...options, now })).toMatchObject(expected);
  });
});
