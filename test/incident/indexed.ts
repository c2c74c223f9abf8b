import type { Automation } from "../../src/api/types.js";
import type { ChangeRecord } from "../../src/history/change.js";
import type { LedgerItem } from "../../src/incident/ledger-state.js";

export const pausedAt = "2026-01-05T03:00:00.000Z";
export const ids = { deployment_id: "dep_1", automation_id: "auto_1" };
/** A ledger's entry for a paused automation. */
export const held: LedgerItem = {
  line: {
    at: pausedAt,
    ...ids,
    customer_id: "cus_1",
    name: "Weekly",
    schedule: "0 9 * * 1",
    was_enabled: true,
  },
  numbers: {},
  pause: "done",
  pausedAt,
  pausedServedAt: pausedAt,
  pausedBy: { user: "bo", host: "desk" },
  updated_at: pausedAt,
  resume: "none",
};
/** The same automation on the server. */
export const paused: Automation = {
  automation_id: "auto_1",
  name: "Weekly",
  schedule: "0 9 * * 1",
  enabled: false,
  updated_at: pausedAt,
};
/** A later change to it by somebody else. */
export const touch: ChangeRecord = {
  deployment_id: "dep_1",
  automation_id: "auto_1",
  change: "update",
  at: new Date("2026-01-05T03:10:00Z"),
  atMs: Date.parse("2026-01-05T03:10:00Z"),
  by: { user: "ada", host: "night" },
};
