import { appendFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { openTouches, readTouches, type Touch, type TouchPlace } from "../../src/fleet/touches.js";
import { freshPlaces } from "../settings/places.js";
import { self } from "../settings/self.js";

const freshPlace = () => ({
  files: createPrivateFiles(self),
  dataDir: join(freshPlaces().home, "data"),
});

const touch: Touch = {
  deploymentId: "dep_1",
  automationId: "auto_1",
  change: "update",
  at: new Date("2026-01-05T12:00:00.123Z"),
};

async function recordTouch(place: TouchPlace, touch: Touch): Promise<void> {
  const log = await openTouches(place);
  log.add(touch);
  log.close();
}

describe("touches", () => {
  it("come back as they were recorded, in order", async () => {
    const place = freshPlace();
    await recordTouch(place, touch);
    const log = await openTouches(place);
    log.add({ ...touch, automationId: "auto_2", change: "pause", incident: "INC-1" });
    log.add({ ...touch, change: "delete", servedAt: new Date("2027-01-05T12:00:00Z") });
    log.close();
    expect(readTouches(place)).toEqual([
      { ...touch, incident: undefined },
      { ...touch, automationId: "auto_2", change: "pause", incident: "INC-1" },
      { ...touch, change: "delete", incident: undefined, servedAt: new Date("2027-01-05T12:00:00Z") },
    ]);
    expect(statSync(join(place.dataDir, "touches.jsonl")).mode & 0o777).toBe(0o600);
  });

  it("are none before the first", () => {
    expect(readTouches(freshPlace())).toEqual([]);
  });

  it.each([
    '{"at":"2026-01',
    "null",
    "[]",
    '{"at":"never"}',
    '{"at":"2026-01-05T12:00:00Z","change":"x"}',
    "\0\0",
  ])("survive the line %j among them", async (line) => {
    const place = freshPlace();
    await recordTouch(place, touch);
    appendFileSync(join(place.dataDir, "touches.jsonl"), line);
    await recordTouch(place, { ...touch, change: "resume" });
    expect(readTouches(place).map(({ change }) => change)).toEqual(["update", "resume"]);
  });

  it("are kept over a change of files, which bounds their size", async () => {
    const place = freshPlace();
    await recordTouch(place, touch);
    const path = join(place.dataDir, "touches.jsonl");
    const line = `${JSON.stringify({ at: touch.at, deployment_id: "dep_1", automation_id: "auto_2", change: "pause" })}\n`;
    writeFileSync(path, line.repeat(Math.ceil((8 * 1024 * 1024) / line.length) + 1));
    await recordTouch(place, touch);
    expect(statSync(path).size).toBeLessThan(200);
    const kept = readTouches(place);
    expect(kept.at(-1)).toMatchObject({ automationId: "auto_1" });
    expect(kept.length).toBeGreaterThan(50_000);
  });
});
