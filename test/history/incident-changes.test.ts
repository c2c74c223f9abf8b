import { describe, expect, it } from "vitest";
import { ledgerChanges } from "../../src/history/ledger-changes.js";
import type { LedgerLine, OutcomeLine } from "../../src/incident/ledger-lines.js";

const by = { user: "ada", host: "night" };
const head: LedgerLine = {
  type: "incident",
  version: 1,
  incident: "INC-42",
  reason: "too loud",
  created_at: "2026-10-04T10:00:00Z",
  target: { origin: "https://api.example", profile: "prod", key_last4: null },
  by,
};

const ids = (id: string) => ({ deployment_id: "dep_1", automation_id: id });
const item = (id: string): LedgerLine => ({
  type: "item",
  at: "2026-10-04T10:00:00Z",
  ...ids(id),
  customer_id: null,
  name: id.toUpperCase(),
  schedule: "@daily",
  was_enabled: true,
  updated_at: "t1",
});
const sent = (change: "pause" | "resume", id: string, reason?: string): LedgerLine => ({
  type: "sent",
  change,
  ...ids(id),
  ...(reason !== undefined && {
    begins: { at: "2026-10-04T11:00:00Z", by: { user: "bob", host: "day" }, command: "herm x", reason },
  }),
});
const over = (
  change: "pause" | "resume",
  id: string,
  result: OutcomeLine["result"] = "done",
  at = "2026-10-04T10:00:01Z",
): LedgerLine => ({ type: "outcome", at, change, ...ids(id), result, updated_at: "t2", reason: "why" });

const brief = (lines: LedgerLine[]) =>
  ledgerChanges(lines).map(({ id, at, by: { user }, reason, items, is_over }) => ({
    ...{ id, at, user, reason, is_over },
    items: items.map(({ act, automation_id, result }) => `${act} ${automation_id} ${result}`),
  }));

describe("what a ledger tells as changes", () => {
  it("is one of its head, of all that was sent", () => {
    const lines = [head, item("a"), item("b"), sent("pause", "a"), sent("pause", "b")];
    expect(ledgerChanges([...lines, over("pause", "a"), over("pause", "b", "failed")])).toEqual([
      {
        id: "INC-42",
        at: "2026-10-04T10:00:00Z",
        by,
        command: "herm automations pause --incident INC-42",
        target: { origin: "https://api.example", profile: "prod", store_id: undefined },
        reason: "too loud",
        incident: "INC-42",
        is_over: true,
        items: [
          {
            act: "pause",
            ...ids("a"),
            name: "A",
            before: { enabled: true, updated_at: "t1" },
            after: { enabled: false },
            result: "done",
            updated_at: "t2",
            error: undefined,
          },
          expect.objectContaining({ ...ids("b"), result: "failed", error: "why" }),
        ],
      },
    ]);
  });

  it("is a change for each command that says it begins", () => {
    const lines = [
      head,
      item("a"),
      item("b"),
      sent("pause", "a"),
      over("pause", "a"),
      sent("pause", "b", "another"),
      over("pause", "b"),
      sent("resume", "a", "mended"),
      over("resume", "a"),
      sent("resume", "b"),
    ];
    expect(brief(lines)).toMatchObject([
      { id: "INC-42", user: "ada", reason: "too loud", items: ["pause a done"], is_over: true },
      { id: "INC-42/2", user: "bob", reason: "another", items: ["pause b done"] },
      { id: "INC-42/3", reason: "mended", items: ["resume a done", "resume b unknown"], is_over: false },
    ]);
  });

  it("of an older ledger is parted where pauses turn to resumes, and where one is sent again", () => {
    const lines = [
      head,
      item("a"),
      sent("pause", "a"),
      over("pause", "a"),
      sent("resume", "a"),
      over("resume", "a", "gone", "2026-10-04T12:00:00Z"),
      item("a"),
      sent("pause", "a"),
      sent("pause", "a"),
      over("pause", "a", "skipped"),
    ];
    expect(brief(lines)).toMatchObject([
      { id: "INC-42", user: "ada", items: ["pause a done"] },
      {
        id: "INC-42/2",
        user: "unknown",
        at: "2026-10-04T12:00:00Z",
        reason: undefined,
        items: ["resume a failed"],
      },
      { id: "INC-42/3", items: ["pause a unknown"], is_over: false },
      { id: "INC-42/4", items: ["pause a skipped"], is_over: true },
    ]);
  });

  it("is nothing where nothing was sent, or where it is no ledger", () => {
    expect(ledgerChanges([head, item("a"), over("resume", "a", "left")])).toEqual([]);
    expect(ledgerChanges([item("a"), sent("pause", "a")])).toEqual([]);
    expect(ledgerChanges([])).toEqual([]);
  });
});
