import type { SwitchAct } from "../../src/history/change.js";
import type { ChangeOutcomeLine } from "../../src/history/change-lines.js";
import type { HeadLine } from "../../src/history/incident-lines.js";
import type { LedgerLine } from "../../src/history/parse.js";

const at = "2026-01-05T03:00:00.000Z";
const by = { user: "ada", host: "night" };
const target = { origin: "https://api.prismagents.com", profile: "default" };

export const ids = { deployment_id: "dep_1", automation_id: "auto_1" };

/** An incident's first line. */
export function headOf(incident: string, fields: Partial<HeadLine> = {}): HeadLine {
  const told = { version: 1, reason: null, created_at: at, target: { ...target, key_last4: null }, by };
  return { incident, ...told, ...fields };
}

/** The line that starts a command. */
export function commandLine(id: string, fields: object = {}): LedgerLine {
  return { change: id, version: 1, at, by, command: "herm x", target, ...fields };
}

/** An item in a command, with its earlier state. */
export function itemLine(item: number, act: SwitchAct, fields: object = {}): LedgerLine {
  const isPause = act === "pause";
  const before = isPause ? { enabled: true, schedule: "0 9 * * 1" } : { enabled: false };
  const told = { ...ids, name: "Weekly", before, after: { enabled: !isPause } };
  return { item, act, ...told, ...(isPause && { customer_id: "cus_1" }), ...fields };
}

export const sendingLine = (sending: number): LedgerLine => ({ sending, at });

export function outcomeLine(outcome: number, fields: Partial<ChangeOutcomeLine> = {}): LedgerLine {
  return { outcome, at, result: "done", ...fields };
}
