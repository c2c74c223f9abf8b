import type { Context } from "../../context.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { isNotReady } from "../../fleet/readiness.js";
import { itemKey } from "../../fleet/refs.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import { type ReadDetail, readStatusDetails } from "./details.js";
import type { FleetStatus, ListedStatus, StatusOptions } from "./fleet-status.js";

export function withEarlier(
  fresh: readonly DeploymentReading[],
  before: ListedStatus | undefined,
): Pick<ListedStatus, "readings" | "earlier"> {
  const known = new Map(before?.readings.map((reading) => [reading.deployment.deployment_id, reading]));
  const earlier = new Map<string, number>();
  const readings = fresh.map((reading) => {
    const { deployment_id: id } = reading.deployment;
    const last = isUnreadable(reading) && !isNotReady(reading.error) ? known.get(id) : undefined;
    if (before === undefined || last === undefined) return reading;
    earlier.set(id, before.earlier.get(id) ?? before.readMs);
    return { ...last, error: reading.error };
  });
  return { readings, earlier };
}

export function isUnreadable({ automations, error }: DeploymentReading): boolean {
  return error !== undefined && automations.length === 0;
}

/** Reads details, but reuses those of failed runs, which don't change any more. */
export async function rereadDetails(
  context: Context,
  items: readonly FleetItem[],
  { before, earlier }: Pick<StatusOptions, "before"> & Pick<ListedStatus, "earlier">,
): Promise<{
  details: ReadonlyMap<FleetItem, ReadDetail>;
  detailOf(item: FleetItem): ReadDetail | undefined;
}> {
  const known = readBefore(before ?? { rows: [] });
  const knownOf = (item: FleetItem) => known.get(runKey(item));
  const isEarlier = ({ deployment_id }: FleetItem) => earlier.has(deployment_id);
  // A failed run is over: nothing of it changes any more.
  const overOf = (item: FleetItem) =>
    item.automation.last_run_status === "error" || isEarlier(item) ? knownOf(item) : undefined;
  const unknown = items.filter((item) => overOf(item) === undefined && !isEarlier(item));
  const details = await readStatusDetails(context, unknown, knownOf);
  return { details, detailOf: (item) => overOf(item) ?? details.get(item) };
}

function readBefore({ rows }: Pick<FleetStatus, "rows">): Map<string, ReadDetail> {
  return new Map(
    rows.flatMap(({ problem, first, detail }) =>
      problem !== "late" && detail?.run !== undefined && detail.error === undefined
        ? [[runKey(first), detail] as const]
        : [],
    ),
  );
}

function runKey(item: FleetItem): string {
  const { last_run_at: at, last_run_status: status } = item.automation;
  return JSON.stringify([itemKey(item), at, status]);
}
