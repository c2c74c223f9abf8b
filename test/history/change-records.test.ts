import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { ChangeFile } from "../../src/history/change-file.js";
import { changeRecordsOf } from "../../src/history/change-records.js";
import { self } from "../settings/self.js";

const place = () => ({
  files: createPrivateFiles(self),
  dataDir: mkdtempSync(join(tmpdir(), "herm-touches-")),
});
const head = (id: string, at: string) => ({
  id,
  at,
  by: { user: "ada", host: "desk" },
  command: "herm x",
  target: { origin: "https://api.example", profile: "prod" },
});
const item = { deployment_id: "dep_1", automation_id: "auto_1", name: "Weekly" };
const at = new Date("2026-10-04T10:00:01.000Z");

it("changeRecordsOf yields possible changes, oldest first, even with wrong clocks", async () => {
  const here = place();
  const first = new ChangeFile(here, head("c_aaaaaa", "2026-10-04T10:00:00Z"));
  const numbers = await first.add([
    { act: "update", ...item, after: { instructions: "Do it." } },
    { act: "update", ...item, after: { enabled: false } },
    { act: "trigger", ...item },
    { act: "delete", ...item },
    { act: "create", ...item, automation_id: null, after: { name: "New" } },
    { act: "resume", ...item },
    { act: "resume", ...item },
  ]);
  const served_at = "2027-01-05T12:00:00.000Z";
  const results = ["done", "done", "done", "failed", "done", "unknown"] as const;
  for (const [index, result] of results.entries())
    first.outcome(numbers[index] ?? 0, at, index === 1 ? { result, served_at } : { result });
  await first.close(at);
  const second = new ChangeFile(here, head("c_bbbbbb", "2026-10-03T10:00:00Z"));
  await second.add([{ act: "pause", ...item }]);
  const ids = {
    ...{ deployment_id: "dep_1", automation_id: "auto_1" },
    ...{ incident: undefined, by: { user: "ada", host: "desk" } },
  };
  const atMs = at.getTime();
  const begun = new Date("2026-10-03T10:00:00Z");
  const touches = [
    { ...ids, change: "update", at, atMs },
    { ...ids, change: "pause", at, atMs: Date.parse(served_at) },
    { ...ids, change: "resume", at, atMs, lateMs: atMs },
    // Under way.
    { ...ids, change: "pause", at: begun, atMs: begun.getTime(), lateMs: begun.getTime() },
  ].map((touch) => expect.objectContaining(touch));
  expect(changeRecordsOf(here)).toEqual(touches);
  expect(changeRecordsOf(here, { sinceMs: at.getTime() })).toEqual(touches);
  expect(changeRecordsOf(here, { sinceMs: at.getTime() + 2 * 60 * 60 * 1000 })).toEqual([]);
  await second.close(at);
  expect(changeRecordsOf(here)).toEqual(touches.slice(0, 3));
});

it("a completed change records its fields before and after, its updated_at, and its last attempt", async () => {
  const here = place();
  const file = new ChangeFile(here, { ...head("c_cccccc", "2026-10-04T10:00:00Z"), undoes: "c_bbbbbb" });
  const [earlier, later] = ["2026-10-04T09:00:00Z", "2026-10-04T10:00:01Z"];
  const before = { instructions: "Do that.", updated_at: earlier };
  const numbers = await file.add([
    { act: "update", ...item, before, after: { instructions: "Do it." } },
    { act: "update", ...item, before: { name: "Old", updated_at: earlier }, after: { name: "New" } },
    { act: "update", ...item, before, after: { schedule: "0 9 * * *" } },
  ]);
  for (const [index, result] of (["done", "done", "unknown"] as const).entries()) {
    const sending = numbers[index] ?? 0;
    file.sending({ sending, at: earlier });
    file.sending({ sending, at: at.toISOString(), again: index === 1 });
    file.outcome(numbers[index] ?? 0, at, { result, updated_at: later });
  }
  await file.close(at);
  const readMs = at.getTime();
  const made = { id: "c_cccccc", undoes: "c_bbbbbb", updated_at: later };
  const lost = { lateMs: readMs };
  expect(changeRecordsOf(here)).toMatchObject([
    {
      ...made,
      after: { instructions: undefined },
      before: { updated_at: earlier, readMs },
      lateMs: undefined,
    },
    { ...made, ...lost, after: { name: "New" }, before: { name: "Old", updated_at: earlier, readMs } },
    lost,
  ]);
  const [, , unknown] = changeRecordsOf(here);
  expect(unknown).not.toHaveProperty("before");
});
