import type { Automation } from "../../src/api/types.js";
import type { ChangeRecord } from "../../src/history/change.js";
import type { LedgerItem } from "../../src/incident/ledger-state.js";

export const pausedAt = "2026-01-05T03:00:00.000Z";
export const ids = { deployment_id: "dep_1", automation_id: "auto_1" };
/** What a ledger has of an automation that was paused. */
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
/** The same as the server has it. */
export const paused: Automation = {
  automation_id: "auto_1",
  name: "Weekly",
  schedule: "0 9 * * 1",
  enabled: false,
  updated_at: pausedAt,
};
/** Somebody's later change of it. */
export const touch: ChangeRecord = {
  deployment_id: "dep_1",
  automation_id: "auto_1",
  change: "update",
  at: new Date("2026-01-05T03:10:00Z"),
  atMs: Date.parse("2026-01-05T03:10:00Z"),
  by: { user: "ada", host: "night" },
};
