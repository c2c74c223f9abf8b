import type { DeploymentSummary } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import type { Selection } from "../../../fleet/selection.js";
import type { Change } from "../../../history/change.js";
import { changesAfter } from "../../../history/read.js";
import type { ScopeLine } from "../../../incident/ledger-lines.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import type { Candidate } from "../../../incident/scope.js";
import { counted, listed } from "../../../output/count.js";
import { narrowTo } from "../../fleet/narrow.js";
import { throwOutage } from "../../fleet/outage.js";
import { type FleetRow, itemRow } from "../../fleet/rows.js";
import { type FleetSession, readDeployments } from "../../fleet/session.js";

/**
 * Reads what a change has changed, as far as a selection means it. Throws NothingFoundError for a selector that fits nothing in
 * it.
 */
export async function readUndone(
  context: Context,
  session: FleetSession,
  {
    undoes,
    selection,
    concurrency,
  }: { undoes: Pick<Change, "items">; selection: Selection; concurrency?: number | undefined },
): Promise<{ scope: ScopeLine; deployments: DeploymentSummary[]; readings: DeploymentReading[] }> {
  const { everyone, client } = session;
  const at = context.now();
  const known = new Map(everyone.map((each) => [each.deployment_id, each]));
  const candidates = candidatesOf(undoes).map((item) => ({ ...known.get(item.deployment_id), ...item }));
  const { isWanted, isExcluded } = narrowTo(everyone, { selection, candidates, at, where: "the change" });
  const wanted = candidates.filter((each) => isWanted(each) && !isExcluded(each));
  const ids = new Set(wanted.map(({ deployment_id }) => deployment_id));
  const scope: ScopeLine = {
    type: "scope",
    at: at.toISOString(),
    deployments: [...ids],
    automations: wanted.map(itemKey),
    except: [],
  };
  const deployments = everyone.filter(({ deployment_id }) => ids.has(deployment_id));
  const readings = await readDeployments(context, session, { deployments, concurrency });
  await throwOutage(readings, { client, signal: context.signal });
  return { scope, deployments, readings };
}

/** What a plan says of the change that it takes back; runs that it started can't be. */
export function undoLines({ settings }: Pick<Context, "settings">, change: Change): string[] {
  const beside = changesAfter(settings, change).filter(({ command }) => command === change.command);
  const runs = beside.flatMap(({ items }) =>
    items.flatMap(({ act, run_id }) => (act === "trigger" && run_id !== undefined ? [run_id] : [])),
  );
  const started = `${counted(runs.length, "run")} that it started can't be taken back: ${listed(runs)}`;
  return [`undoes the resume ${change.id}`, ...(runs.length === 0 ? [] : [started])];
}

/** Those of a scope that aren't there any more. */
export function goneRows(
  undoes: Pick<Change, "items">,
  { scope, readings }: { scope: ScopeLine; readings: readonly DeploymentReading[] },
): FleetRow[] {
  const wanted = new Set(scope.automations);
  const there = new Set(fleetItems(readings).map(itemKey));
  const unread = new Set(
    readings.flatMap(({ deployment, error }) => (error === undefined ? [] : [deployment.deployment_id])),
  );
  return candidatesOf(undoes)
    .filter(
      (item) => wanted.has(itemKey(item)) && !there.has(itemKey(item)) && !unread.has(item.deployment_id),
    )
    .map((item) => ({ ...itemRow(item), result: "left", reason: "deleted since" }));
}

function candidatesOf({ items }: Pick<Change, "items">): Candidate[] {
  return items.flatMap(({ automation_id, ...item }) =>
    automation_id === null ? [] : [{ deployment_id: item.deployment_id, automation_id, name: item.name }],
  );
}
