import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { historyFolder } from "../../src/history/folder.js";
import { formatChangeLines, type LedgerLine } from "../../src/history/parse.js";
import { answeredIn, RecentChanges } from "../../src/history/recent.js";
import { self } from "../settings/self.js";
import { temporaryFolder } from "../support/harness.js";

const startMs = Date.parse("2026-03-02T08:00:00Z");
const timeAt = (seconds: number) => new Date(startMs + seconds * 1000);
const ids = { deployment_id: "dep_1", automation_id: "auto_1" };

const head: LedgerLine = {
  change: "c_aaaaaa",
  version: 1,
  at: timeAt(0).toISOString(),
  by: { user: "ada", host: "night" },
  command: "herm automations update",
  target: { origin: "https://api.example.com", profile: "default" },
};

function itemLine(item: number, fields: object = { act: "pause", after: { enabled: false } }): LedgerLine {
  return { item, ...ids, name: "Weekly", ...fields } as LedgerLine;
}
const sendingLine = (sending: number, seconds: number): LedgerLine => ({
  sending,
  at: timeAt(seconds).toISOString(),
});
const outcomeLine = (outcome: number, seconds: number, result = "done", more = {}): LedgerLine =>
  ({ outcome, at: timeAt(seconds).toISOString(), result, ...more }) as LedgerLine;

function start(lines: readonly LedgerLine[], name = "2026-03/20260302T080000000Z.c_aaaaaa.jsonl") {
  const storage = { files: createPrivateFiles(self), dataDir: temporaryFolder() };
  const path = join(historyFolder(storage), name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, formatChangeLines(lines));
  const recent = new RecentChanges(storage);
  return { storage, path, recent, at: (seconds: number) => recent.read(timeAt(seconds)) };
}

describe("a recent change", () => {
  it("has a response, or may still take effect, and is under 16 s old", () => {
    const lines = [1, 2, 3, 4, 5].map((number) => itemLine(number));
    const { at } = start([
      ...[head, ...lines, sendingLine(1, 1), outcomeLine(1, 5), sendingLine(2, 2)],
      ...[sendingLine(3, 3), outcomeLine(3, 4, "failed"), sendingLine(4, 2), outcomeLine(4, 5.5, "unknown")],
      // Its later outcome doesn't change the time at which its response was lost.
      outcomeLine(4, 5.9, "unknown"),
    ]);
    const seen = (seconds: number) => at(seconds).map(({ key, result, openMs }) => [key, result, openMs]);
    const [one, two, four] = [1, 2, 4].map(
      (number) => `c_aaaaaa ${number} ${timeAt(Math.min(number, 2)).getTime()}`,
    );
    expect(seen(6)).toEqual([
      [two, "unknown", 12_000],
      [one, "done", 0],
      [four, "unknown", 15_500],
    ]);
    expect(seen(17.999)).toEqual([
      [two, "unknown", 1],
      [one, "done", 0],
      [four, "unknown", 3_501],
    ]);
    expect(seen(18)).toEqual([
      [one, "done", 0],
      [four, "unknown", 3_500],
    ]);
    expect(seen(21)).toEqual([[four, "unknown", 500]]);
    expect(seen(21.5)).toEqual([]);
  });

  it.each<[string, LedgerLine[], number]>([
    [
      "a response after a lost attempt",
      [{ ...sendingLine(1, 3), again: true } as LedgerLine, outcomeLine(1, 4)],
      15_000,
    ],
    ["a response after an attempt that never arrived", [sendingLine(1, 3), outcomeLine(1, 4)], 0],
    ["a change that a check found done", [outcomeLine(1, 2, "unknown"), outcomeLine(1, 4)], 14_000],
  ])("may still take effect or not, depending on its lines: %s", (_, more, openMs) => {
    const { at } = start([head, itemLine(1), sendingLine(1, 0), ...more]);
    expect(at(4)).toMatchObject([{ result: "done", openMs }]);
  });

  it("is final once its effect is seen, if it was sent once", () => {
    const lines = [itemLine(1, { act: "create", automation_id: null, after: {} }), sendingLine(1, 0)];
    const { at } = start([head, ...lines, outcomeLine(1, 2, "unknown"), outcomeLine(1, 4)]);
    expect(at(4)).toMatchObject([{ result: "done", openMs: 0 }]);
  });

  it("has a future time if the clock was put back", () => {
    const { at } = start([head, itemLine(1), sendingLine(1, 10)]);
    expect(at(0)).toMatchObject([{ openMs: 16_000 }]);
    expect(at(-6)).toEqual([]);
  });

  it("is read from the last position on, in whole lines", () => {
    const { at, path } = start([head, itemLine(1), sendingLine(1, 0)]);
    expect(at(1)).toMatchObject([{ result: "unknown" }]);
    const [answer = "", next] = [outcomeLine(1, 1), sendingLine(2, 1)].map((line) =>
      formatChangeLines([line]),
    );
    appendFileSync(path, answer.slice(0, 20));
    expect(at(1)).toMatchObject([{ result: "unknown" }]);
    appendFileSync(path, `${answer.slice(20)}${formatChangeLines([itemLine(2)])}${next}`);
    expect(at(2)).toMatchObject([{ result: "done" }, { result: "unknown" }]);
  });

  it("is found in an incident's file, with each item's command", () => {
    const { at } = start(
      [
        { incident: "INC-1", version: 1, reason: null, created_at: head.at, by: head.by } as LedgerLine,
        ...[head, itemLine(1), sendingLine(1, 0), outcomeLine(1, 0)],
        ...[{ ...head, change: "c_bbbbbb" }, itemLine(2, { act: "resume" }), sendingLine(2, 1)],
      ],
      "incidents/inc-1.jsonl",
    );
    expect(at(2)).toMatchObject([
      { change: "c_aaaaaa", act: "pause" },
      { change: "c_bbbbbb", act: "resume" },
    ]);
  });

  it("isn't looked for if the folder's marker is a minute old", () => {
    const { at, storage } = start([head, itemLine(1), sendingLine(1, 0)]);
    const old = new Date(Date.now() - 61_000);
    utimesSync(historyFolder(storage), old, old);
    expect(at(1)).toEqual([]);
  });
});

describe("the expected contents of a list", () => {
  const listed = { automation_id: "auto_1", name: "Weekly", schedule: "0 9 * * *", enabled: false };
  const isAsAnswered = (lines: readonly LedgerLine[], shown: object | undefined = undefined) => {
    const [known] = answeredIn(start([head, ...lines]).at(3));
    return known?.isAsAnswered?.(shown as typeof listed | undefined);
  };
  const pause = [itemLine(1), sendingLine(1, 0), outcomeLine(1, 0)];
  const reschedule = [
    itemLine(2, { act: "update", after: { schedule: "every day at 9am" } }),
    sendingLine(2, 1),
  ];
  const deletion = [itemLine(3, { act: "delete" }), sendingLine(3, 2)];

  it.each<[string, LedgerLine[], object | undefined, boolean]>([
    ["a pause that matches its response", pause, listed, true],
    ["a pause that doesn't match its response", pause, { ...listed, enabled: true }, false],
    ["a pause without the field", pause, { automation_id: "auto_1" }, true],
    ["a pause of an automation that isn't listed", pause, undefined, false],
    ["a later schedule with the same meaning", [...pause, ...reschedule, outcomeLine(2, 1)], listed, true],
    [
      "a later schedule with another meaning",
      [...reschedule, outcomeLine(2, 1)],
      { ...listed, schedule: "1 9 * * *" },
      false,
    ],
    ["a schedule without a response, as sent", reschedule, listed, true],
    ["a deletion", [...pause, ...deletion, outcomeLine(3, 2)], undefined, true],
    ["a deletion of an automation that is listed", [...deletion, outcomeLine(3, 2)], listed, false],
    ["a deletion without a response", deletion, undefined, false],
  ])("include or exclude %s", (_, lines, shown, isExpected) => {
    expect(isAsAnswered(lines, shown)).toBe(isExpected);
  });

  it("exclude triggers, and creates without an id", () => {
    const create = [itemLine(1, { act: "create", automation_id: null, after: {} }), sendingLine(1, 1)];
    const trigger = [itemLine(2, { act: "trigger" }), sendingLine(2, 1), outcomeLine(2, 1)];
    expect(answeredIn(start([head, ...create, ...trigger]).at(2))).toEqual([]);
    const made = outcomeLine(1, 1, "done", { automation_id: "auto_2" });
    expect(answeredIn(start([head, ...create, made]).at(2))).toMatchObject([{ automation_id: "auto_2" }]);
  });
});
