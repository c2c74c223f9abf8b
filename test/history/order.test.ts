import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { ChangeFile } from "../../src/history/change-file.js";
import type { HistoryStorage } from "../../src/history/folder.js";
import { ownLedgerPath } from "../../src/history/incident-files.js";
import { changesInOrder, newestChange } from "../../src/history/order.js";
import { formatChangeLines, type LedgerLine, parseChanges } from "../../src/history/parse.js";
import { commandLine, headOf, ids, itemLine, outcomeLine, sendingLine } from "../incident/lines.js";
import { freshPlaces } from "../settings/places.js";
import { self } from "../settings/self.js";

const files = createPrivateFiles(self);
const freshPlace = (): HistoryStorage => ({ files, dataDir: join(freshPlaces().home, "data") });
const hour = (number: number) => new Date(Date.UTC(2026, 0, 5, number)).toISOString();

const brief = (lines: LedgerLine[]) =>
  parseChanges(formatChangeLines(lines)).map(({ id, items, is_over }) => ({
    id,
    is_over,
    items: items.map(({ act, automation_id, result }) => `${act} ${automation_id} ${result}`),
  }));

describe("the changes in an incident's file", () => {
  it("are grouped by the command that sent them", () => {
    const served_at = "2026-01-05T08:00:00.000Z";
    const lines = [
      headOf("INC-42"),
      commandLine("c_aaaaaa", { reason: "loud", after: "c_bbbbbb", served_at }),
      itemLine(1, "pause", { before: { enabled: true, updated_at: "t1" } }),
      sendingLine(1),
      outcomeLine(1, { updated_at: "t2", instructions_sha256: "x", served_at }),
    ];
    const [change] = parseChanges(formatChangeLines(lines));
    const { at, by, command, target } = JSON.parse(JSON.stringify(lines[1]));
    expect(JSON.parse(JSON.stringify(change))).toEqual({
      ...{ id: "c_aaaaaa", at, by, command, target, reason: "loud", incident: "INC-42", is_over: true },
      items: [
        {
          ...{ act: "pause", ...ids, customer_id: "cus_1", name: "Weekly" },
          ...{ before: { enabled: true, updated_at: "t1" }, after: { enabled: false } },
          ...{ sent_at: at, at, result: "done", updated_at: "t2", served_at },
        },
      ],
    });
  });

  it("include unsent and unknown changes, and outcomes found later", () => {
    const lines = [
      headOf("INC-42"),
      commandLine("c_aaaaaa"),
      itemLine(1, "pause"),
      itemLine(2, "pause"),
      itemLine(3, "pause"),
      sendingLine(1),
      sendingLine(2),
    ];
    const first = {
      id: "c_aaaaaa",
      items: ["unknown", "unknown", "skipped"].map((each) => `pause auto_1 ${each}`),
    };
    expect(brief(lines)).toEqual([{ ...first, is_over: false }]);
    const again = [
      commandLine("c_bbbbbb"),
      itemLine(4, "resume"),
      sendingLine(4),
      outcomeLine(4, { result: "gone" }),
    ];
    expect(brief([...lines, outcomeLine(1), outcomeLine(2, { result: "failed" }), ...again])).toEqual([
      {
        id: "c_aaaaaa",
        items: ["done", "failed", "skipped"].map((each) => `pause auto_1 ${each}`),
        is_over: true,
      },
      { id: "c_bbbbbb", items: ["resume auto_1 failed"], is_over: true },
    ]);
  });

  it("never report a deletion where an older herm recorded an automation as gone", () => {
    const gone = outcomeLine(1, { result: "gone", error: "deleted" });
    const lines = [headOf("INC-42"), commandLine("c_aaaaaa"), itemLine(1, "pause"), sendingLine(1), gone];
    expect(parseChanges(formatChangeLines(lines))).toMatchObject([
      { items: [{ result: "failed", error: "the API answered 404" }] },
    ]);
  });

  it("are empty if no command started or the version is unreadable", () => {
    const command = [commandLine("c_aaaaaa"), itemLine(1, "pause")];
    expect(brief([headOf("INC-42"), outcomeLine(1)])).toEqual([]);
    expect(brief([headOf("INC-42", { version: 2 }), ...command])).toEqual([]);
    expect(brief([itemLine(1, "pause"), ...command])).toEqual([]);
  });
});

describe("the order of changes", () => {
  async function change(place: HistoryStorage, id: string, at: string): Promise<void> {
    const { target, by, command } = JSON.parse(JSON.stringify(commandLine(id)));
    const file = new ChangeFile(place, { id, at, by, command, target });
    await file.add([{ act: "trigger", ...ids, name: "Weekly" }]);
    await file.close(new Date(at));
  }

  function incident(place: HistoryStorage, name: string, lines: LedgerLine[], beside?: string): void {
    const path = beside ?? ownLedgerPath(place, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, formatChangeLines([headOf(name), ...lines]), { mode: 0o600 });
    if (beside === undefined) return;
    files.write(ownLedgerPath(place, name).replace(/jsonl$/, "link"), `${path}\n`);
  }

  const shown = (place: HistoryStorage) => changesInOrder(place).map(({ id, origin }) => `${id} ${origin}`);

  it("follows each command of an incident, even with wrong clocks", async () => {
    const place = freshPlace();
    expect(newestChange(place)).toBe("");
    const command = (id: string, after: string, at: string) => commandLine(id, { after, at });
    incident(place, "INC-1", [command("c_first", "", hour(9)), command("c_fourth", "c_third", hour(1))]);
    incident(place, "INC-2", [command("c_third", "c_bbbbbb", hour(2))]);
    await change(place, "c_bbbbbb", hour(8));
    await change(place, "c_eeeeee", hour(7));
    expect(shown(place)).toEqual(
      ["c_first", "c_bbbbbb", "c_third", "c_fourth", "c_eeeeee"].map((id) => `${id} here`),
    );
    expect(newestChange(place)).toBe("c_eeeeee");
    const times = changesInOrder(place).map(({ at }) => at.getTime());
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it("follows the import for imported changes, and clocks in a shared ledger", async () => {
    const place = freshPlace();
    await change(place, "c_aaaaaa", hour(5));
    const line = (id: string, at: string, after?: string) => commandLine(id, { at, after });
    incident(place, "INC-1", [
      { imported: 2, at: hour(6), after: "c_aaaaaa" },
      line("c_theirs", hour(20), "c_eeeeee"),
      line("c_theirs2", hour(1), "c_theirs"),
      line("c_own", hour(2), "c_theirs2"),
    ]);
    const beside = join(freshPlaces().home, "shared.jsonl");
    incident(
      place,
      "INC-2",
      [
        line("c_other", hour(3), "c_zzzzzz"),
        line("c_other2", hour(1), "c_other"),
        line("c_first", hour(4), ""),
      ],
      beside,
    );
    expect(shown(place)).toEqual([
      ...["c_other elsewhere", "c_other2 elsewhere", "c_first elsewhere", "c_aaaaaa here"],
      ...["c_theirs imported", "c_theirs2 imported", "c_own here"],
    ]);
    expect(newestChange(place)).toBe("c_own");
  });

  it("includes each change once, even if ledgers form a cycle", () => {
    const place = freshPlace();
    const line = (id: string, after: string) => commandLine(id, { after });
    incident(place, "INC-1", [line("c_one", "c_two"), line("c_two", "c_one"), line("c_one", "")]);
    expect(shown(place)).toEqual(["c_one here", "c_two here"]);
  });
});
