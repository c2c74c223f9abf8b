import { type Action, isOfLeaving } from "../../../../manifest/plan/plan-item.js";
import type { ChangeRow } from "./rows.js";

/** Past forms of actions. */
export const pastOf: Partial<Record<Action, string>> = {
  create: "created",
  update: "updated",
  rename: "renamed",
  delete: "deleted",
  adopt: "adopted",
};

/**
 * `1 to create, 2 to update, 12 unchanged, 1 skipped in 3 deployments`, of what was done `1 created, 2 updated`; plain
 * text.
 */
export function countsText(rows: readonly ChangeRow[]): string {
  const open = rows.filter(({ result }) => result === undefined);
  const changes = Object.entries(pastOf).flatMap(([action, past]) => {
    const isIt = (row: ChangeRow) => row.action === action;
    return [
      [rows.filter((row) => isIt(row) && row.result === "done"), past],
      [open.filter(isIt), `to ${action}`],
    ] as const;
  });
  const as = (word: string) => [rows.filter(({ result = "" }) => result === word), word] as const;
  const parts = [
    ...changes,
    [open.filter(isOfLeaving), "of them leaving"] as const,
    [rows.filter(({ action, result = action }) => result === "unchanged"), "unchanged"] as const,
    [open.filter(({ action }) => action === "skipped"), "skipped"] as const,
    as("failed"),
    as("unknown"),
  ];
  const told = parts.flatMap(([{ length }, words]) => (length === 0 ? [] : [`${length} ${words}`]));
  const deployments = new Set(rows.map((row) => row.deployment_id)).size;
  const where = deployments > 1 ? ` in ${deployments} deployments` : "";
  return told.length === 0 ? "nothing to do" : `${told.join(", ")}${where}`;
}
