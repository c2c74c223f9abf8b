import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Automation } from "../../../src/api/types.js";
import type { FleetSnapshot } from "../../../src/commands/top/fleet-reader.js";
import type { PaneDetail } from "../../../src/commands/top/pane.js";
import { actionOn, type RowAction } from "../../../src/commands/top/row-action.js";
import {
  firstState,
  pressKey,
  scrollToSelection,
  type TopState,
  withRows,
} from "../../../src/commands/top/state.js";
import { type TopRow, topRow } from "../../../src/commands/top/top-row.js";
import { ListLines, listHeight, screenLines, type TopView } from "../../../src/commands/top/top-view.js";
import { loadStyle, plainStyle } from "../../../src/output/style.js";
import { styledWidth } from "../../../src/output/width.js";
import { terminalTexts } from "../../support/terminal-texts.js";

const now = new Date("2026-03-03T08:00:00Z");

function row(fields: Partial<Automation>, { isStale = false, deployment_name = "Acme" } = {}): TopRow {
  const automation = {
    automation_id: "auto_5cT2k9",
    name: "Weekly report",
    enabled: true,
    schedule: "0 9 * * 1",
    next_run_at: "2026-03-09T09:00:00Z",
    ...fields,
  };
  const words = { scheduleWords: "every Monday at 09:00 UTC", briefSchedule: () => "Mon 09:00" };
  return topRow({ automation, deployment_id: "dep_1", deployment_name, ...words }, { isStale });
}

const failed = { last_run_at: "2026-03-03T07:57:00Z", last_run_status: "error" } as const;
const rows = [
  row({ automation_id: "auto_1", name: "Lead scoring", ...failed }),
  row({ automation_id: "auto_2", name: "Digest", enabled: false, next_run_at: null }),
  topRow({ ...row({ automation_id: "auto_3", name: "Inbox triage" }), dueMs: 0 }, { isStale: false }),
];

const ran = topRow(
  { ...row({ automation_id: "auto_4", name: "Ran", enabled: false }), isUnexpected: true },
  { isStale: false },
);

function heardOf(all: readonly TopRow[], more: Partial<FleetSnapshot> = {}): FleetSnapshot {
  return {
    label: "12 deployments",
    reach: undefined,
    isFleet: true,
    rows: all,
    stops: [],
    at: now,
    unanswered: undefined,
    isOverdueComplete: true,
    isUnexpectedComplete: true,
    ...more,
  };
}

function viewOf(all: readonly TopRow[], more: Partial<TopView> = {}, state: Partial<TopState> = {}): TopView {
  const size = more.size ?? { columns: 80, rows: 24 };
  const first = withRows(
    { ...firstState({ hasDetail: true, freeze: undefined }), ...state },
    { rows: all, isFleet: true },
  );
  return {
    state: scrollToSelection(first, listHeight(first, { size, stops: 0 })),
    snapshot: heardOf(all),
    liveness: undefined,
    detail: undefined,
    now: { served: now, here: now },
    style: plainStyle,
    size,
    list: new ListLines(),
    ...more,
  };
}

const detail: PaneDetail = {
  key: "dep_1/auto_1",
  automation: {
    automation_id: "auto_1",
    recent_runs: [
      {
        run_id: "run_2",
        status: "error",
        started_at: "2026-03-03T07:57:00Z",
        completed_at: "2026-03-03T07:57:12Z",
        error: "quota\nis used up",
      },
      { run_id: "run_1", status: "completed", started_at: "2026-03-02T07:57:00Z" },
    ],
  },
  question: undefined,
  laterTimes: [
    new Date("2026-03-16T09:00:00Z"),
    new Date("2026-03-23T09:00:00Z"),
    new Date("2026-03-30T09:00:00Z"),
  ],
  problem: undefined,
};

const asked: RowAction = {
  verb: "resume",
  deployment_id: "dep_1",
  automation_id: "auto_2",
  name: "Acme/Digest",
  remark: undefined,
};

const clock = now.toTimeString().slice(0, 8);

describe("the screen", () => {
  it("shows the deployment, counts, list, details and keys", async () => {
    expect(
      (await screenLines(viewOf(rows, { detail, size: { columns: 80, rows: 14 } }))).map((line) =>
        line.trimEnd(),
      ),
    ).toEqual([
      `herm top · 12 deployments · worst first${`updated ${clock}`.padStart(80 - 39)}`,
      "1 failing · 1 overdue (estimate) · 1 paused",
      "  DEPLOYMENT  NAME          SCHEDULE (UTC)         STATUS     LAST   NEXT",
      "› Acme        Lead scoring  every Monday at 09:00  ✗ failing  ✗ 3m   in 6 d",
      "  Acme        Inbox triage  every Monday at 09:00  ! overdue  –      in 6 d",
      "  Acme        Digest        every Monday at 09:00  ○ paused   –      –",
      "",
      `── Acme/Lead scoring ${"─".repeat(43)} dep_1/auto_1 ──`,
      "last run  ✗ error · 3 min ago, took 12 s",
      "error     quota",
      "          is used up",
      "runs      ✗✓  newest first",
      "schedule  every Monday at 09:00 UTC  0 9 * * 1",
      "? keys  q quit  / filter  ⏎ follow  p pause  r resume  t trigger  a answer",
    ]);
  });

  it("shows progress of the first read, and unreadable deployments", async () => {
    const text = async (known: PaneDetail | undefined) =>
      (await screenLines(viewOf(rows, { detail: known }))).join("\n");
    expect(await text(undefined)).toContain("runs      reading …");
    expect(await text({ ...detail, key: "dep_1/auto_2" })).toContain("runs      reading …");
    expect(await text({ ...detail, automation: undefined, problem: "not there\nany more" })).toContain(
      "runs      not there\\nany more",
    );
  });

  it("shows names, states and next runs at 40×12, and details below", async () => {
    const size = { columns: 40, rows: 12 };
    expect(await screenLines(viewOf(rows, { size }, { hasDetail: false }))).toEqual([
      `12 deployments · worst first    ${clock}`,
      "1 failing · 1 overdue (estimate) · 1 pa…",
      "  DEPLOYMENT  NAME             NEXT",
      "› Acme        Lead scoring  ✗  in 6 d",
      "  Acme        Inbox triage  !  in 6 d",
      "  Acme        Digest        ○  –",
      ...["", "", "", "", ""],
      "? keys  q quit  / filter  ⏎ follow  p p…",
    ]);
    expect((await screenLines(viewOf(rows, { size, detail }))).slice(-6)).toEqual([
      expect.stringMatching(/^── Acme\/Lead scoring ─/),
      "last run  ✗ error · 3 min ago, took 12 s",
      "error     quota …",
      "runs      ✗✓  newest first",
      "schedule  every Monday at 09:00 UTC  0 …",
      "? keys  q quit  / filter  ⏎ follow  p p…",
    ]);
  });

  it.each<[string, Partial<TopView>, Partial<TopState>, string[]]>([
    [
      "there are no automations",
      { state: viewOf([]).state, snapshot: heardOf([]) },
      {},
      ["0 automations", "  no automations here"],
    ],
    [
      "the filter matches nothing",
      {},
      { filter: "zzz" },
      ['0 match "zzz" · 1 failing · 1 overdue', '  nothing matches "zzz"; Esc shows all'],
    ],
    [
      "a deployment doesn't answer",
      {
        snapshot: heardOf(rows, { unanswered: { names: ["Ac\nme"], why: "re\nset" } }),
        now: { served: now, here: new Date(now.getTime() + 35_000) },
      },
      {},
      [
        `updated ${clock} · 35 s ago`,
        "Ac\\nme (~) doesn't respond: re\\nset; to skip: --except \"$(printf '%b' 'Ac\\nme')\"",
      ],
    ],
    [
      "several deployments don't answer",
      { snapshot: heardOf(rows, { unanswered: { names: ["O'Hara", "Bolt"], why: "no" } }) },
      {},
      [`2 deployments (~) don't respond: no; to skip: --except 'O'\\''Hara' --except Bolt`],
    ],
    [
      "the filter is being typed",
      {},
      { filter: "in", mode: "filter" },
      ["filter: in_  ⏎ keeps it, Esc shows all"],
    ],
    [
      "a question is open",
      {},
      { mode: "asks", pendingAction: { ...asked, remark: "held by INC-42" } },
      [`Resume Acme/Digest, held by INC-42?${" ".repeat(42)}y/N`],
    ],
    ["there is a message", {}, { message: { text: "a\nb", isBad: false } }, ["a\\nb"]],
    [
      "not all possibly overdue automations were read",
      { snapshot: heardOf(rows, { isOverdueComplete: false }) },
      {},
      ["at least 1 overdue (estimate)"],
    ],
    ["the terminal is too small", { size: { columns: 30, rows: 5 } }, {}, ["herm top needs 40×12; q quits"]],
  ])("explains that %s", async (_case, more, state, texts) => {
    const screen = (await screenLines(viewOf(rows, more, state))).join("\n");
    for (const text of texts) expect(screen).toContain(text);
  });

  it("counts unexpected runs above failures, as a minimum if partly read", async () => {
    const all = [...rows, ran];
    const countsOf = async (more: Partial<FleetSnapshot>) =>
      (await screenLines(viewOf(all, { snapshot: heardOf(all, more) })))[1];
    expect(await countsOf({})).toBe("1 unexpected · 1 failing · 1 overdue (estimate) · 1 paused");
    expect(await countsOf({ isUnexpectedComplete: false })).toMatch(/^at least 1 unexpected · 1 failing · /);
  });

  it("shows only unresponsive deployments without colour and weight", async () => {
    const style = await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout");
    const mixed = [
      row({ automation_id: "auto_1", ...failed }),
      row({ automation_id: "auto_2", ...failed }, { isStale: true }),
    ];
    const [, , , fresh = "", stale = ""] = await screenLines(viewOf(mixed, { style }));
    expect(fresh).toContain(style.failing("✗ failing"));
    expect(stale).toMatch(/^ ~Acme [^\x1b]*failing[^\x1b]*$/);
  });

  it("shows past times in full", async () => {
    const overdue = row({ next_run_at: "2026-03-03T07:01:00Z" });
    for (const columns of [60, 80, 100]) {
      const [, , , line] = await screenLines(viewOf([overdue], { size: { columns, rows: 24 } }));
      expect(line).toMatch(/ 59 min ago$/);
    }
  });

  it("starts with the stopped fleet, and shortens the list to fit", async () => {
    const stops = ["! stopped  INC-7  59 paused by root, since 22:50", "! stopped  2 paused"];
    const lines = await screenLines(viewOf(rows, { snapshot: heardOf(rows, { stops }) }));
    expect(lines).toHaveLength(24);
    expect(lines.slice(0, 2)).toEqual(stops);
    expect(lines[2]).toMatch(/^herm top/);
    expect(listHeight({ hasDetail: true }, { size: { columns: 80, rows: 24 }, stops: 2 })).toBe(12);
    const narrow = viewOf(rows, { snapshot: heardOf(rows, { stops }), size: { columns: 40, rows: 12 } });
    expect((await screenLines(narrow)).map(styledWidth).filter((width) => width > 40)).toEqual([]);
  });

  it("omits the command's name if there is no room for it", async () => {
    const first = async (columns: number) =>
      (await screenLines(viewOf(rows, { liveness: "8 live, 4 slower", size: { columns, rows: 24 } })))[0];
    expect(await first(80)).toMatch(
      /^herm top · 12 deployments · worst first +updated [\d:]+, 8 live, 4 slower$/,
    );
    expect(await first(70)).toMatch(/^12 deployments · worst first +updated [\d:]+, 8 live, 4 slower$/);
    expect(await first(48)).toMatch(/^12 deployments · worst first +\d\d:\d\d:\d\d$/);
  });

  it.each([
    [80, 24, 14],
    [40, 12, 3],
    [39, 24, 0],
    [80, 11, 0],
    [1, 1, 0],
  ])("shows, at %i×%i, %i rows of the list", (columns, lines, height) => {
    expect(listHeight({ hasDetail: true }, { size: { columns, rows: lines }, stops: 0 })).toBe(height);
  });

  it("shows how long ago it was updated, if that is long", async () => {
    const first = async (seconds: number) =>
      (
        await screenLines(
          viewOf(rows, { now: { served: now, here: new Date(now.getTime() + 1000 * seconds) } }),
        )
      )[0];
    expect(await first(9)).toMatch(/ updated \d\d:\d\d:\d\d$/);
    expect(await first(40)).toMatch(/ updated \d\d:\d\d:\d\d · 40 s ago$/);
  });

  it("doesn't move its columns during scrolling", async () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      row({
        automation_id: `auto_${at}`,
        name: "x".repeat(1 + (at % 30)),
        schedule: at % 2 ? "0 9 * * 1" : "* * * * *",
      }),
    );
    const list = new ListLines();
    const heads = [0, 13, 26, 39].map(async (at) => {
      const moved = Array.from({ length: at }).reduce<TopState>(
        (state) => pressKey(state, { name: "down" }, 9).state,
        viewOf(many).state,
      );
      return (await screenLines(viewOf(many, { list, state: scrollToSelection(moved, 10) })))[2];
    });
    expect(new Set(await Promise.all(heads)).size).toBe(1);
  });

  it("never exceeds the terminal, even with hostile texts, in every mode", async () => {
    const style = await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout");
    const hostile = terminalTexts.attacks.map(({ text }, at) =>
      row(
        { automation_id: `auto_${at}\n${text}`, name: text, schedule: text },
        { isStale: at % 3 === 0, deployment_name: text },
      ),
    );
    const wide = ["収支レポート 📊".repeat(5), "e\u0301".repeat(60), "👩‍👩‍👧‍👦".repeat(9)].map((name) =>
      row({ automation_id: name, name }),
    );
    const all = [...hostile, ...wide, ...rows];
    const list = new ListLines();
    const unanswered = { names: ["Acme", "Bolt"], why: "収\x1b[2J".repeat(60) };
    await fc.assert(
      fc.asyncProperty(
        fc.record({ columns: fc.integer({ min: 1, max: 250 }), rows: fc.integer({ min: 1, max: 80 }) }),
        fc.record({
          mode: fc.constantFrom("list", "filter", "keys", "asks"),
          pendingAction: fc.constantFrom(
            ...hostile.map((each) => actionOn(each, "resume", { isFleet: true })),
          ),
          message: fc.constantFrom(undefined, { text: unanswered.why, isBad: true }),
          hasDetail: fc.boolean(),
          filter: fc.constantFrom("", "収", "\x1b[31m", "zzz"),
          at: fc.nat(all.length - 1),
        }),
        fc.constantFrom(undefined, unanswered),
        async (size, state, quiet) => {
          const view = viewOf(
            all,
            { size, style, list, detail, snapshot: heardOf(all, { unanswered: quiet }) },
            state,
          );
          const lines = await screenLines(view);
          expect(lines.length).toBeLessThanOrEqual(size.rows);
          for (const line of lines) expect(styledWidth(line)).toBeLessThanOrEqual(size.columns);
        },
      ),
      { numRuns: 300 },
    );
  });
});
