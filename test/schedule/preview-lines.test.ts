import { describe, expect, it } from "vitest";
import { livePreview, moveNote, zoneHint } from "../../src/commands/schedule/preview-lines.js";
import { plainStyle } from "../../src/output/style.js";
import { type PreviewRequest, previewSchedule } from "../../src/schedule/preview.js";

const now = new Date("2026-07-01T12:00:00Z");
const look = { style: plainStyle, columns: 80, now };

async function previewOf(options: Omit<PreviewRequest, "now">) {
  const preview = await previewSchedule({ ...options, now });
  if (!preview.ok) throw new Error(preview.reason);
  return preview;
}

describe("a schedule during typing", () => {
  it("shows sentence, cron expression, next three times and local time in five lines", async () => {
    const preview = await previewSchedule({
      text: "every weekday at 9am",
      displayZone: "Europe/Berlin",
      now,
    });
    expect((await livePreview(preview, look)).split("\n")).toEqual([
      "every weekday at 09:00 UTC · 0 9 * * 1-5",
      "Thu 2 Jul 2026 09:00 UTC   Thu 2 Jul 2026 11:00 +02:00   in 21 h",
      "Fri 3 Jul 2026 09:00 UTC   Fri 3 Jul 2026 11:00 +02:00   in 45 h",
      "Mon 6 Jul 2026 09:00 UTC   Mon 6 Jul 2026 11:00 +02:00   in 4 d",
      "09:00 UTC is 11:00 in Europe/Berlin; for your own time zone, use --tz local",
    ]);
  });

  it("explains invalid text, with similar forms", async () => {
    const preview = await previewSchedule({ text: "every 7 minutes", displayZone: "UTC", now });
    expect(await livePreview(preview, look)).toBe(
      "every 7 minutes can't be one cron: 7 doesn't divide the hour's 60 minutes\nevery 6 minutes or every 10 minutes",
    );
  });

  it("shows foreign characters escaped", async () => {
    const preview = await previewSchedule({ text: "\u001b[2J", displayZone: "UTC", now });
    expect(await livePreview(preview, look)).toBe('"^[[2J" isn\'t part of a schedule (column 1)');
  });
});

describe("the note on a saved schedule", () => {
  it("mentions that the local hour will move", async () => {
    const preview = await previewOf({ text: "every monday at 9am", timeZone: "America/New_York" });
    expect(moveNote(preview)).toBe(
      "from 1 Nov 2026 it runs at 08:00 in America/New_York: the API keeps UTC; " +
        "to keep the hour, use a manifest with tz: and apply it again after the change",
    );
    expect(zoneHint(preview)).toBeUndefined();
  });

  it.each([
    [{ text: "every monday at 9am", timeZone: "Asia/Tokyo" }],
    [{ text: "every January 1st at 9am", timeZone: "Europe/Berlin" }],
    [{ text: "every monday at 9am", displayZone: "UTC" }],
  ])("is empty for %o", async (options) => {
    const preview = await previewOf(options);
    expect([moveNote(preview), zoneHint(preview)]).toEqual([undefined, undefined]);
  });
});
