import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Automation, Run } from "../../../src/api/types.js";
import { type PaneDetail, paneHeight, paneLines } from "../../../src/commands/top/pane.js";
import { type TopRow, topRow } from "../../../src/commands/top/top-row.js";
import { plainStyle } from "../../../src/output/style.js";
import { displayWidth } from "../../../src/output/width.js";
import { useMachineZone } from "../../support/machine-zone.js";
import { terminalTexts } from "../../support/terminal-texts.js";

const now = new Date("2026-03-03T08:00:00Z");

function rowOf(fields: Partial<Automation> = {}): TopRow {
  const automation = { automation_id: "auto_1", name: "Weekly report", enabled: true, schedule: "0 9 * * 1" };
  return topRow(
    {
      automation: { ...automation, next_run_at: "2026-03-09T09:00:00Z", ...fields },
      deployment_id: "dep_1",
      scheduleWords: "every Monday at 09:00 UTC",
    },
    { isStale: false },
  );
}

const started_at = "2026-03-03T07:57:00Z";

function detailOf(runs: readonly Partial<Run>[], more: Partial<PaneDetail> = {}): PaneDetail {
  const recent_runs = runs.map(
    (run, at): Run => ({ run_id: `run_${at}`, status: "completed", started_at, ...run }),
  );
  const automation = { automation_id: "auto_1", recent_runs };
  return {
    key: "dep_1/auto_1",
    automation,
    question: undefined,
    laterTimes: [],
    problem: undefined,
    ...more,
  };
}

function linesOf(detail: PaneDetail | undefined, { width = 60, height = 6, row = rowOf() } = {}): string[] {
  return paneLines(row, { detail, now, style: plainStyle, width, height, isFleet: false }).map((line) =>
    line.trimEnd(),
  );
}

const waits: Partial<Run> = { status: "waiting_on_human" };

describe("the details of an automation", () => {
  useMachineZone("UTC");

  it("show its newest runs, schedule and next times by default", () => {
    const laterTimes = [16, 23, 30].map((day) => new Date(`2026-03-${day}T09:00:00Z`));
    expect(
      linesOf(detailOf([{ completed_at: "2026-03-03T07:57:12Z" }], { laterTimes }), { width: 80 }),
    ).toEqual([
      `── Weekly report ${"─".repeat(47)} dep_1/auto_1 ──`,
      "last run  ✓ completed · 3 min ago, took 12 s",
      "runs      ✓  newest first",
      "schedule  every Monday at 09:00 UTC  0 9 * * 1",
      "next      9 Mar 09:00 UTC · in 6 d  then (estimate) 16 Mar 09:00 UTC",
      "status    ◉ enabled",
    ]);
  });

  it("show since when it has been overdue", () => {
    const row = topRow({ ...rowOf(), dueMs: Date.parse("2026-03-03T06:00:00Z") }, { isStale: false });
    for (const detail of [undefined, detailOf([{ started_at: "2026-03-03T05:00:00Z" }])])
      expect(linesOf(detail, { row })).toContainEqual("status    ! overdue · was due 06:00");
  });

  it("show its consecutive failures, from the runs it has read", () => {
    const row = rowOf({ last_run_status: "error" });
    const shown = (detail: PaneDetail | undefined) =>
      linesOf(detail, { row, height: 8 }).find((line) => /^status/.test(line));
    const failed = (count: number) =>
      Array.from({ length: count }, (): Partial<Run> => ({ status: "error" }));
    expect(shown(undefined)).toBe("status    ✗ failing");
    expect(shown(detailOf([...failed(3), {}, ...failed(1)]))).toBe("status    ✗ failing ×3");
    expect(shown(detailOf(failed(20)))).toBe("status    ✗ failing ≥20");
    expect(shown(detailOf([...failed(1), {}]))).toBe("status    ✗ failing");
  });

  it("start with its run's question, wrapped, and the key that answers", () => {
    const question = "Publish all five variations of the video to the channel tonight?\n\n  1. yes\n  2. no";
    expect(linesOf(detailOf([waits], { question }))).toEqual([
      expect.stringMatching(/^── Weekly report ─/),
      "last run  ? waiting · a answers · 3 min ago",
      "asks      Publish all five variations of the video to the",
      "          channel tonight? …",
      "runs      ?  newest first",
      "schedule  every Monday at 09:00 UTC  0 9 * * 1",
    ]);
    expect(linesOf(detailOf([waits], { question }), { height: 10 }).slice(2, 7)).toEqual([
      "asks      Publish all five variations of the video to the",
      "          channel tonight?",
      "            1. yes",
      "            2. no",
      "runs      ?  newest first",
    ]);
  });

  it("mention an unreadable question, or that of an older run", () => {
    expect(linesOf(detailOf([waits], { question: "" }))).toContain(
      "asks      the agent's question can't be read",
    );
    expect(linesOf(detailOf([{ status: "running" }, waits], { question: "Go?" })).slice(1, 3)).toEqual([
      "last run  ● running · an older run is waiting: a answers · …",
      "asks      Go?",
    ]);
  });

  it("show only the error of its last run", () => {
    const error = "no quota is left for this month, ask the owner of the account for more";
    const failed: Partial<Run> = { status: "error", error };
    expect(linesOf(detailOf([failed])).slice(1, 5)).toEqual([
      "last run  ✗ error · 3 min ago",
      "error     no quota is left for this month, ask the owner of",
      "          the account for more",
      "runs      ✗  newest first",
    ]);
    expect(linesOf(detailOf([{}, failed])).join("\n")).not.toContain("quota");
    expect(linesOf(detailOf([{ status: "error", error: null }]))[2]).toBe("runs      ✗  newest first");
  });

  it("keep known facts, with the reason why newer ones are missing", () => {
    const problem = "connection\nrefused";
    const runs = (known: PaneDetail) => linesOf(known).find((line) => line.startsWith("runs"));
    expect(runs(detailOf([{}, { status: "error" }], { problem }))).toBe("runs      ✓✗  connection\\nrefused");
    expect(runs(detailOf([], { problem }))).toBe("runs      none yet  connection\\nrefused");
    expect(runs(detailOf([], { automation: undefined, problem }))).toBe("runs      connection\\nrefused");
  });

  it.each([
    [24, 6],
    [35, 6],
    [36, 10],
    [80, 10],
  ])("take, in a terminal of %i rows, %i lines", (rows, lines) => {
    expect(paneHeight(rows)).toBe(lines);
  });

  it("fit even with a hostile question or error, and never control the terminal", () => {
    const texts = [
      ...terminalTexts.attacks.map(({ text }) => text),
      "収支レポート 📊".repeat(900),
      "x".repeat(9_000),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.record({ width: fc.integer({ min: 12, max: 250 }), height: fc.integer({ min: 0, max: 12 }) }),
        fc.boolean(),
        (text, size, asks) => {
          const detail = asks
            ? detailOf([waits], { question: text })
            : detailOf([{ status: "error", error: text }], { problem: undefined });
          const lines = paneLines(rowOf(), { detail, now, style: plainStyle, ...size, isFleet: false });
          expect(lines).toHaveLength(size.height);
          for (const line of lines) {
            expect(displayWidth(line)).toBeLessThanOrEqual(size.width);
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
