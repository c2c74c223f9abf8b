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
    begins: { id: `c_${reason}`, at: "2026-10-04T11:00:00Z", by, command: "herm x", reason },
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
  it("is one of all that its command sent", () => {
    const lines = [head, item("a"), item("b"), sent("pause", "a", "loud"), sent("pause", "b")];
    expect(ledgerChanges([...lines, over("pause", "a"), over("pause", "b", "failed")])).toEqual([
      {
        id: "c_loud",
        at: "2026-10-04T11:00:00Z",
        by,
        command: "herm x",
        target: { origin: "https://api.example", profile: "prod", store_id: undefined },
        reason: "loud",
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
            at: "2026-10-04T10:00:01Z",
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
      sent("pause", "a", "first"),
      over("pause", "a"),
      sent("pause", "b", "another"),
      over("pause", "b"),
      sent("resume", "a", "mended"),
      over("resume", "a"),
      sent("resume", "b"),
    ];
    expect(brief(lines)).toMatchObject([
      { id: "c_first", reason: "first", items: ["pause a done"], is_over: true },
      { id: "c_another", reason: "another", items: ["pause b done"] },
      { id: "c_mended", reason: "mended", items: ["resume a done", "resume b unknown"], is_over: false },
    ]);
  });

  it("is nothing where nothing was sent, or where it is no ledger", () => {
    expect(ledgerChanges([head, item("a"), over("resume", "a", "left")])).toEqual([]);
    expect(ledgerChanges([item("a"), sent("pause", "a")])).toEqual([]);
    expect(ledgerChanges([])).toEqual([]);
  });
});
