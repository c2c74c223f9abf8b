import type { DeploymentSummary } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import type { Selection } from "../../../fleet/selection.js";
import type { Change } from "../../../history/change.js";
import type { ScopeLine } from "../../../history/incident-lines.js";
import { itemsToUndo } from "../../../history/undo-plan.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import { narrowChange } from "../../fleet/narrow.js";
import { throwOutage } from "../../fleet/outage.js";
import { type FleetRow, itemRow } from "../../fleet/rows.js";
import { type FleetSession, readDeployments } from "../../fleet/session.js";

interface UndoScope {
  scope: ScopeLine;
  deployments: DeploymentSummary[];
  readings: DeploymentReading[];
  gone: FleetRow[];
}

/** Reads the selected part of what a change changed. Throws as `narrowChange`. */
export async function readUndoScope(
  context: Context,
  session: FleetSession,
  options: { change: Change; selection: Selection; concurrency?: number | undefined },
): Promise<UndoScope> {
  const { change, selection, concurrency } = options;
  const at = context.now();
  const selected = narrowChange(session.everyone, { items: itemsToUndo(change), selection, at });
  const ids = new Set(selected.map(({ deployment_id }) => deployment_id));
  const deployments = session.everyone.filter(({ deployment_id }) => ids.has(deployment_id));
  const readings = await readDeployments(context, session, { deployments, concurrency });
  await throwOutage(readings, { client: session.client, signal: context.signal });
  const there = new Set(fleetItems(readings).map(itemKey));
  const unread = readings.filter(({ error }) => error !== undefined);
  const isRead = (id: string) => !unread.some(({ deployment }) => deployment.deployment_id === id);
  const gone = selected.filter((item) => !there.has(itemKey(item)) && isRead(item.deployment_id));
  return {
    scope: {
      scope: true,
      at: at.toISOString(),
      deployments: [...ids],
      automations: selected.map(itemKey),
      except: [],
    },
    deployments,
    readings,
    gone: gone.map((item) => ({ ...itemRow(item), result: "skipped", reason: "deleted since" })),
  };
}
