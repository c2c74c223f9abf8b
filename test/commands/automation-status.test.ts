import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/api/types.js";
import {
  stateJson,
  stateLine,
  statusColumn,
} from "../../src/commands/automations/shared/automation-columns.js";
import { plainStyle, type Style } from "../../src/output/style.js";

interface Given {
  enabled?: boolean;
  last?: RunStatus | null;
  dueMs?: number;
  isUnexpected?: boolean;
  held?: { incident: string; user: string; text: string };
}

function rowOf({ enabled, last = null, ...facts }: Given) {
  const known = enabled === undefined ? {} : { enabled };
  return { automation: { automation_id: "auto_1", ...known, last_run_status: last }, ...facts };
}

/** As words, as one word, as a mark, and in a pipe. */
function wordingsOf(given: Given): string[] {
  const row = rowOf(given);
  const narrower = (statusColumn.priorities ?? []).flatMap((each) => ("cell" in each ? each.cell(row) : []));
  return [statusColumn.cell(row), ...narrower, statusColumn.piped?.(row) ?? ""];
}

const on = { enabled: true };
const off = { enabled: false };
const held = { incident: "INC-42", user: "root", text: "held by INC-42" };
const dueMs = Date.parse("2026-01-05T09:00:00Z");

describe("the status of an automation in a list", () => {
  it.each<[Given, ...string[]]>([
    [on, "◉ enabled", "◉ enabled", "◉", "enabled"],
    [off, "○ paused", "○ paused", "○", "paused"],
    [{}, "–", "–", "·", "–"],
    [{ ...on, last: "completed" }, "◉ enabled", "◉ enabled", "◉", "enabled"],
    [{ ...on, last: "error", dueMs }, "✗ failing", "✗ failing", "✗", "failing"],
    [{ ...on, last: "waiting_on_human" }, "? waiting", "? waiting", "?", "waiting"],
    [{ ...on, dueMs }, "! overdue", "! overdue", "!", "overdue"],
    [{ ...off, last: "error" }, "○ paused", "○ paused", "○", "paused"],
    [{ last: "error" }, "✗ failing", "✗ failing", "✗", "failing"],
    [{ ...off, isUnexpected: true }, "▲ unexpected", "▲ unexpected", "▲", "unexpected"],
    [{ ...off, last: "error", held }, "○ paused · held by INC-42", "○ held", "○▣", "paused,held by INC-42"],
  ])("for %j is %j, %j or %j, and in a pipe %j", (given, ...texts) => {
    expect(wordingsOf(given)).toEqual(texts);
  });

  it("has a colour, but never relies on colour alone", () => {
    const named = Object.keys(plainStyle).map((colour) => [colour, () => colour]);
    const style: Style = { ...plainStyle, ...Object.fromEntries(named) };
    const all: Given[] = [on, off, { ...on, last: "error" }, { ...on, last: "waiting_on_human" }];
    const looks = all.map((given) => {
      const [, , mark = ""] = wordingsOf(given);
      return [mark, statusColumn.style?.(mark, rowOf(given), style)];
    });
    expect(looks).toEqual([
      ["◉", "fine"],
      ["○", "plain"],
      ["✗", "failing"],
      ["?", "waiting"],
    ]);
  });

  it("is one word in JSON, with the incident that holds the automation", () => {
    expect(stateJson(rowOf({ ...on, dueMs }))).toEqual({ state: "overdue" });
    expect(stateJson(rowOf({}))).toEqual({ state: null });
    expect(stateJson(rowOf({ ...off, held }))).toEqual({ state: "paused", held_by: "INC-42" });
  });

  it("has its own line, which says when an overdue automation was due", () => {
    const now = new Date(dueMs + 3_600_000);
    const lineOf = (given: Given) => stateLine(rowOf(given), { now, style: plainStyle });
    expect(lineOf({ ...on, dueMs })).toMatch(/^! overdue · was due \d\d:\d\d$/);
    expect(lineOf({ ...on, last: "error", dueMs })).toBe("✗ failing");
    expect(lineOf({ ...off, held })).toBe("○ paused · held by INC-42");
  });
});
