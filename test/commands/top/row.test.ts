import { describe, expect, it } from "vitest";
import type { AutomationRow } from "../../../src/commands/automations/shared/automation-columns.js";
import { countStates, freshRow, topRow } from "../../../src/commands/top/top-row.js";

const automation = { automation_id: "auto_1", name: "Digest", enabled: true, last_run_at: null };
const heldBy = (incident: string) => ({ incident, user: "root", text: `held by ${incident}` });
const row: AutomationRow = { automation, deployment_id: "dep_1", deployment_name: "Acme" };

type Row = Parameters<typeof freshRow>[0];

/** True if the row from a later read counts as the earlier row. */
function isSameRow(one: Row, later: Row): boolean {
  const before = topRow(one, { isStale: false });
  const fresh = { ...later, automation: { ...later.automation } };
  return freshRow(fresh, new Map([[before.key, before]])) === before;
}

describe("a row after another read", () => {
  it.each<[string, AutomationRow, boolean]>([
    ["nothing has changed", { ...row, automation: { ...automation } }, true],
    ["a field has changed", { ...row, automation: { ...automation, enabled: false } }, false],
    [
      "a field has been added",
      { ...row, automation: { ...automation, next_run_at: "2026-03-09T09:00:00Z" } },
      false,
    ],
    [
      "a field has been removed",
      { ...row, automation: { automation_id: "auto_1", name: "Digest", enabled: true } },
      false,
    ],
    ["its deployment has been renamed", { ...row, deployment_name: "Bolt" }, false],
    ["an incident holds it", { ...row, held: heldBy("INC-42") }, false],
  ])("is compared when %s: %#", (_case, other, isSame) => {
    expect([isSameRow(row, other), isSameRow(other, row)]).toEqual([isSame, isSame]);
  });

  it("differs if another incident holds the automation", () => {
    const marked = (name: string) => ({ ...row, held: heldBy(name) });
    expect(isSameRow(marked("INC-1"), marked("INC-1"))).toBe(true);
    expect(isSameRow(marked("INC-1"), marked("INC-2"))).toBe(false);
  });
});

it("the summary counts rows by state, worst first", () => {
  const rows = [
    topRow(
      { ...row, automation: { ...automation, last_run_status: "error", enabled: false } },
      { isStale: false },
    ),
    topRow({ ...row, dueMs: 0 }, { isStale: false }),
    topRow({ ...row, automation: { ...automation, enabled: false }, isUnexpected: true }, { isStale: false }),
    topRow(row, { isStale: true }),
    topRow({ ...row, automation: { ...automation, last_run_status: "running" } }, { isStale: false }),
  ];
  expect(countStates(rows)).toEqual([
    { state: "unexpected", count: 1 },
    { state: "overdue", count: 1 },
    { state: "running", count: 1 },
    { state: "enabled", count: 2 },
    { state: "paused", count: 1 },
  ]);
  expect(rows.map(({ rank }) => rank)).toEqual([7, 4, 1, 6, 5]);
});
