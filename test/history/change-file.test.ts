import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import type { ChangeHead, NewItem } from "../../src/history/change.js";
import { ChangeFile } from "../../src/history/change-file.js";
import {
  forgetOldestChanges,
  type HistoryStorage,
  listRecent,
  listStored,
  newChangeId,
  wasForgotten,
} from "../../src/history/folder.js";
import { freshPlaces } from "../settings/places.js";
import { self } from "../settings/self.js";
import { canFillDisk, fillDisk, freeDisk } from "../support/full-disk.js";

const files = createPrivateFiles(self);
const freshPlace = (): HistoryStorage => ({ files, dataDir: join(freshPlaces().home, "data") });

const head: ChangeHead = {
  id: "c_7f3kq9",
  at: "2026-10-04T10:11:12.123Z",
  by: { user: "ada", host: "night" },
  command: "herm automations update Weekly --schedule 9am",
  target: { origin: "https://api.example", profile: "prod" },
};
const later = new Date("2026-10-04T10:12:00Z");

function itemOf(automation_id: string, instructions = "Do it."): NewItem {
  return { act: "update", deployment_id: "dep_1", automation_id, name: "Weekly", after: { instructions } };
}

function linesOf(place: HistoryStorage): Record<string, unknown>[] {
  const [{ path } = { path: "" }] = listStored(place);
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("a change's file", () => {
  it("doesn't exist before the first item", async () => {
    const place = freshPlace();
    const file = new ChangeFile(place, head);
    await file.add([]).catch(() => undefined);
    file.close(later);
    expect(listStored(freshPlace())).toEqual([]);
  });

  it("contains head, texts once, items, outcomes and end, for its owner only", async () => {
    const place = freshPlace();
    const file = new ChangeFile(place, head);
    const numbers = await file.add([itemOf("auto_1"), itemOf("auto_2"), itemOf("auto_3", "Else.")]);
    file.outcome(numbers[1] ?? 0, later, { result: "done", updated_at: "2026-10-04T10:11:13Z" });
    file.close(later);
    const lines = linesOf(place);
    expect(lines.map((line) => Object.keys(line)[0])).toEqual([
      "change",
      "text",
      "item",
      "item",
      "text",
      "item",
      "outcome",
      "ended",
    ]);
    expect(lines[0]).toMatchObject({ change: "c_7f3kq9", version: 1, by: head.by });
    expect(lines[1]).toMatchObject({ is: "Do it." });
    expect(lines[2]).toMatchObject({ item: 1, after: { instructions_sha256: lines[1]?.text } });
    expect(lines[6]).toMatchObject({ outcome: 2, result: "done" });
    const [stored] = listStored(place);
    const path = stored?.path ?? "";
    expect(path).toMatch(/history\/2026-10\/20261004T101112123Z\.c_7f3kq9\.jsonl$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it("accepts no more lines after a failed write", async () => {
    const place = freshPlace();
    mkdirSync(dirname(place.dataDir), { recursive: true });
    writeFileSync(place.dataDir, "");
    const file = new ChangeFile(place, head);
    await expect(file.add([itemOf("auto_1")])).rejects.toThrow("data");
    await expect(file.add([itemOf("auto_1")])).rejects.toThrow("data");
    file.close(later);
  });

  it.runIf(canFillDisk)("can be ended after a full disk, without the change that didn't fit", async () => {
    const place = freshPlace();
    const file = new ChangeFile(place, head);
    const numbers = await file.add([itemOf("auto_1")]);
    fillDisk();
    await expect(file.add([itemOf("auto_2")])).rejects.toThrow("can't be written");
    freeDisk();
    file.outcome(numbers[0] ?? 0, later, { result: "done" });
    file.close(later);
    expect(linesOf(place).at(-1)).toMatchObject({ ended: true });
    expect(JSON.stringify(linesOf(place))).not.toContain("auto_2");
  });
});

describe("the history's folder", () => {
  async function store(place: HistoryStorage, own: Partial<ChangeHead>, text = "x"): Promise<void> {
    const file = new ChangeFile(place, { ...head, ...own });
    await file.add([itemOf("auto_1", text)]);
    await file.close(later);
  }

  async function storeMany(place: HistoryStorage, count: number, text?: string): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newChangeId(place));
    for (const [at, id] of ids.entries())
      await store(place, { id, at: new Date(Date.UTC(2026, at, 1)).toISOString() }, text);
    return ids.toReversed();
  }

  it("lists changes newest first, and skips other files", async () => {
    const place = freshPlace();
    const ids = await storeMany(place, 4);
    writeFileSync(join(place.dataDir, "history", "2026-01", "notes.txt"), "");
    writeFileSync(join(place.dataDir, "history", "2026-01", "20269901T000000000Z.c_aaaaaa.jsonl"), "");
    expect(listStored(place).map(({ id }) => id)).toEqual(ids);
    expect(ids[0]).toMatch(/^c_[a-hj-km-np-z2-9]{6}$/);
  });

  it("lists the newest changes up to a number, ignoring locks", async () => {
    const place = freshPlace();
    for (const [at, id] of ["c_aaaaaa", "c_bbbbbb", "c_dddddd"].entries())
      await store(place, { id, at: `2026-10-0${at + 1}T10:00:00.000Z` });
    const [newest = { path: "" }] = listStored(place);
    writeFileSync(`${newest.path}.lock`, "");
    expect(listRecent(place, 2).map(({ id }) => id)).toEqual(["c_dddddd", "c_bbbbbb"]);
  });

  it("lists a change after all earlier ones, even with a wrong clock", async () => {
    const place = freshPlace();
    await store(place, { id: "c_aaaaaa", at: "2026-10-04T10:00:00.000Z" });
    await store(place, { id: "c_bbbbbb", at: "2025-01-01T00:00:00.000Z" });
    expect(listStored(place).map(({ id }) => id)).toEqual(["c_bbbbbb", "c_aaaaaa"]);
    await store(place, { id: "c_dddddd", at: "9999-12-31T23:59:59.999Z" });
    await store(place, { id: "c_eeeeee", at: "2026-10-04T11:00:00.000Z" });
    expect(listStored(place)).toHaveLength(4);
  });

  it("drops the oldest changes beyond a number, and empty folders", async () => {
    const place = freshPlace();
    const ids = await storeMany(place, 6);
    forgetOldestChanges(place, { most: 6, every: 1 });
    expect(listStored(place)).toHaveLength(6);
    forgetOldestChanges(place, { most: 3, every: 1 });
    expect(listStored(place).map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(readdirSync(join(place.dataDir, "history")).filter((name) => name !== "forgotten")).toHaveLength(
      3,
    );
    expect(ids.map((id) => wasForgotten(place, id))).toEqual([false, false, false, true, true, true]);
  });

  it("drops the oldest changes beyond a size in occasional checks, but never the newest", async () => {
    const place = freshPlace();
    const ids = await storeMany(place, 4, "x".repeat(1000));
    forgetOldestChanges(place, { bytes: 2500 });
    expect(listStored(place)).toHaveLength(4);
    forgetOldestChanges(place, { bytes: 3300, every: 4 });
    expect(listStored(place).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    forgetOldestChanges(place, { bytes: 10, every: 2 });
    expect(listStored(place).map(({ id }) => id)).toEqual(ids.slice(0, 1));
  });

  it("drops the oldest changes even if concurrent commands jump past the count that triggers it", async () => {
    const place = freshPlace();
    const ids = await storeMany(place, 7);
    forgetOldestChanges(place, { most: 3, every: 4 });
    expect(listStored(place)).toHaveLength(7);
    forgetOldestChanges(place, { most: 2, every: 4 });
    expect(listStored(place).map(({ id }) => id)).toEqual(ids.slice(0, 2));
  });

  it("keeps changes in progress, and unfinished undos with their changes", async () => {
    const place = freshPlace();
    const send = async (id: string, own: Partial<ChangeHead> = {}, isDone = true) => {
      const file = new ChangeFile(place, { ...head, id, ...own });
      const numbers = await file.add([itemOf("auto_1")]);
      if (isDone) file.outcome(numbers[0] ?? 0, later, { result: "done" });
      return file;
    };
    const sending = await send("c_aaaaaa", {}, false);
    for (const id of ["c_bbbbbb", "c_cccccc"]) await (await send(id)).close(later);
    await (await send("c_dddddd", { undoes: "c_bbbbbb" }, false)).close(later);
    await (await send("c_eeeeee", { undoes: "c_cccccc" })).close(later);
    await (await send("c_ffffff")).close(later);
    forgetOldestChanges(place, { most: 1, every: 1 });
    const kept = ["c_ffffff", "c_dddddd", "c_bbbbbb", "c_aaaaaa"];
    expect(listStored(place).map(({ id }) => id)).toEqual(kept);
    await sending.close(later);
    forgetOldestChanges(place, { most: 1, every: 1 });
    expect(listStored(place).map(({ id }) => id)).toEqual(kept.slice(0, 3));
  });
});
