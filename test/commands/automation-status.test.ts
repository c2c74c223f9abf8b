import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/api/types.js";
import {
  type Badge,
  failingBadge,
  heldBadge,
  lateBadge,
  statusColumn,
} from "../../src/commands/automations/shared/status-column.js";
import { plainStyle, type Style } from "../../src/output/style.js";

interface Given {
  enabled?: boolean;
  last?: RunStatus | null;
  badges?: readonly Badge[];
}

function rowOf({ enabled, last = null, badges = [] }: Given) {
  return {
    automation: {
      automation_id: "auto_1",
      ...(enabled === undefined ? {} : { enabled }),
      last_run_status: last,
    },
    badges,
  };
}

/** In words, in one word, in one mark, in a pipe. */
function wordingsOf(given: Given): string[] {
  const row = rowOf(given);
  const narrower = (statusColumn.priorities ?? []).flatMap((each) => ("cell" in each ? each.cell(row) : []));
  return [statusColumn.cell(row), ...narrower, statusColumn.piped?.(row) ?? ""];
}

const on = { enabled: true };
const off = { enabled: false };
const inc = heldBadge({ text: "held by INC-42" });

describe("the status of an automation in a list", () => {
  it.each<[Given, ...string[]]>([
    [on, "◉ enabled", "◉ enabled", "◉", "enabled"],
    [off, "○ paused", "○ paused", "○", "paused"],
    [{}, "–", "–", "·", "–"],
    [{ ...on, last: "completed" }, "◉ enabled", "◉ enabled", "◉", "enabled"],
    [{ ...on, last: "error" }, "✗ failing", "✗ failing", "✗", "enabled,failing"],
    [{ ...on, last: "waiting_on_human" }, "? waiting", "? waiting", "?", "enabled,waiting"],
    [{ ...off, last: "error" }, "○ paused · failing", "○ failing", "○✗", "paused,failing"],
    [{ ...off, last: "waiting_on_human" }, "○ paused · waiting", "○ waiting", "○?", "paused,waiting"],
    [{ last: "error" }, "✗ failing", "✗ failing", "✗", "–,failing"],
    [{ ...off, badges: [inc] }, "○ paused · held by INC-42", "○ held", "○▣", "paused,held by INC-42"],
    [
      { ...off, last: "error", badges: [inc] },
      "○ paused · failing · held by INC-42",
      "○ failing",
      "○✗▣",
      "paused,failing,held by INC-42",
    ],
    [{ ...on, badges: [lateBadge] }, "! late (estimate)", "! late", "!", "enabled,late (estimate)"],
    [
      { ...on, last: "error", badges: [failingBadge, lateBadge] },
      "✗ failing · late (estimate)",
      "✗ failing",
      "✗!",
      "enabled,failing,late (estimate)",
    ],
  ])("of %j is %j, %j, %j; in a pipe %j", (given, ...texts) => {
    expect(wordingsOf(given)).toEqual(texts);
  });

  it("has a colour for each, and never the colour alone", () => {
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
});
