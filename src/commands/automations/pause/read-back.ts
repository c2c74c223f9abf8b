import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import type { ChangeResult } from "../../../incident/change.js";
import type { Ledger } from "../../../incident/ledger.js";
import type { LedgerLine } from "../../../incident/ledger-lines.js";
import { itemKey, type LedgerState } from "../../../incident/ledger-state.js";
import { type FleetItem, fleetItems } from "../../../incident/pause-plan.js";
import { scopeTest } from "../../../incident/scope.js";
import { type FleetRow, itemRow, resultRow } from "../../fleet/rows.js";
import { readDeployments } from "../../fleet/session.js";
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
  { session, options, scope, deployments }: PreparedPause,
  { ledger, results }: Paused,
): Promise<PauseReadBack | undefined> {
  const { concurrency } = options;
  const readings = await readUnlessStopped(() =>
    readDeployments(context, session, { deployments, concurrency }),
  );
  if (readings === undefined) return undefined;
  const at = context.now();
  const items = fleetItems(readings).filter(scopeTest(scope));
  const current = new Map(items.map((item) => [itemKey(item), item.automation]));
  ledger.write(settlingLines(results, { current, state: ledger.state, at: at.toISOString() }));
  await ledger.settle();
  const tried = new Set(results.map(({ item }) => itemKey(item)));
  const unreadable = readings.filter(({ error }) => error !== undefined);
  return {
    at,
    items,
    unreadable,
    isReadable: readings.some(({ error, automations }) => error === undefined || automations.length > 0),
    rows: [
      ...results.map((result) => judgedRow(result, current.get(itemKey(result.item)))),
      ...items.filter((item) => item.automation.enabled && !tried.has(itemKey(item))).map(newRow),
    ],
  };

  async function readUnlessStopped(read: () => Promise<DeploymentReading[]>) {
    try {
      return await read();
    } catch (error) {
      if (context.signal.aborted && error === context.signal.reason) return undefined;
      throw error;
    }
  }
}

function judgedRow(result: ChangeResult<FleetItem>, current: Automation | undefined): FleetRow {
  const row = resultRow(result, "pause");
  if (current === undefined) return row;
  if (row.result === "unknown") {
    return current.enabled
      ? { ...row, result: "failed", error: `${row.error}; read back: still enabled` }
      : { ...itemRow(result.item), result: "paused", reason: "confirmed by reading back" };
  }
  if (row.result === "paused" && current.enabled) {
    return { ...itemRow(result.item), result: "failed", error: "enabled again when it was read back" };
  }
  return row;
}

function newRow(item: FleetItem): FleetRow {
  return { ...itemRow(item), result: "failed", error: "enabled since the plan was made" };
}

interface Settling {
  current: ReadonlyMap<string, Automation>;
  state: LedgerState | undefined;
  at: string;
}

/** What reading back tells the ledger: pauses that took effect after all, and an `updated_at` that no answer had. */
function settlingLines(
  results: readonly ChangeResult<FleetItem>[],
  { current, state, at }: Settling,
): LedgerLine[] {
  return results.flatMap(({ item, outcome }): LedgerLine[] => {
    const { deployment_id, automation_id } = item;
    const automation = current.get(itemKey(item));
    const updatedAt = automation?.updated_at;
    if (automation === undefined || automation.enabled) return [];
    const base = { at, deployment_id, automation_id };
    if (outcome.result === "unknown") {
      const seen = updatedAt ? { updated_at: updatedAt } : {};
      return [
        {
          type: "outcome",
          ...base,
          change: "pause",
          result: "done",
          ...seen,
          reason: "confirmed by reading back",
        },
      ];
    }
    const isMissing = state?.items.get(itemKey(item))?.updatedAt === undefined;
    if (outcome.result !== "done" || !isMissing || !updatedAt) return [];
    return [{ type: "seen", ...base, updated_at: updatedAt }];
  });
}
