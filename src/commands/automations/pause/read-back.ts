import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { itemKey } from "../../../fleet/refs.js";
import type { ChangeResult } from "../../../incident/change.js";
import type { Ledger } from "../../../incident/ledger.js";
import type { LedgerLine } from "../../../incident/ledger-lines.js";
import { confirmedLine, type LedgerState } from "../../../incident/ledger-state.js";
import { type FleetItem, fleetItems } from "../../../incident/pause-plan.js";
import { scopeTest } from "../../../incident/scope.js";
import { type FleetRow, itemRow, judgedRow } from "../../fleet/rows.js";
import { readBackDeployments } from "../../fleet/session.js";
import type { PauseReadBack, PreparedPause } from "./prepared.js";

interface Paused {
  ledger: Ledger;
  results: readonly ChangeResult<FleetItem>[];
}

/**
 * Reads what was selected once more: an outcome that wasn't known is settled, and what is still enabled is named.
 * Undefined if Ctrl-C came first.
 */
export async function readBackPause(
  context: Context,
  { session, options, scope, deployments, plan: { unreadable: unread } }: PreparedPause,
  { ledger, results }: Paused,
): Promise<PauseReadBack | undefined> {
  const { concurrency } = options;
  const readings = await readBackDeployments(context, session, { deployments, concurrency, unread });
  if (readings === undefined) return undefined;
  const at = context.now();
  const items = fleetItems(readings).filter(scopeTest(scope));
  const current = new Map(items.map((item) => [itemKey(item), item.automation]));
  ledger.write(settlingLines(results, { current, state: ledger.state, at, date: context.serverNow() }));
  await ledger.settle();
  const tried = new Set(results.map(({ item }) => itemKey(item)));
  const unreadable = readings.filter(({ error }) => error !== undefined);
  return {
    at,
    items,
    unreadable,
    isReadable: readings.some(({ error, automations }) => error === undefined || automations.length > 0),
    rows: [
      ...results.map((result) => {
        const automation = current.get(itemKey(result.item));
        return judgedRow(result, "pause", automation && automation.enabled === true);
      }),
      ...items.filter((item) => item.automation.enabled && !tried.has(itemKey(item))).map(newRow),
    ],
  };
}

function newRow(item: FleetItem): FleetRow {
  return { ...itemRow(item), result: "failed", error: "enabled since the plan was made" };
}

interface Settling {
  current: ReadonlyMap<string, Automation>;
  state: LedgerState | undefined;
  at: Date;
  date: Date;
}

/** What reading back tells the ledger: pauses that took effect after all, and an `updated_at` that no answer had. */
function settlingLines(
  results: readonly ChangeResult<FleetItem>[],
  { current, state, at, date }: Settling,
): LedgerLine[] {
  return results.flatMap(({ item, outcome }): LedgerLine[] => {
    const automation = current.get(itemKey(item));
    const updatedAt = automation?.updated_at;
    if (automation === undefined || automation.enabled) return [];
    if (outcome.result === "unknown") return [confirmedLine("pause", item, { at, date, updatedAt })];
    const isMissing = state?.items.get(itemKey(item))?.updatedAt === undefined;
    if (outcome.result !== "done" || !isMissing || !updatedAt) return [];
    const { deployment_id, automation_id } = item;
    return [{ type: "seen", at: at.toISOString(), deployment_id, automation_id, updated_at: updatedAt }];
  });
}
