import type { Context } from "../../../context/context.js";
import { isOutage } from "../../../fleet/outcome.js";
import { unlessGone } from "../../../fleet/read-many.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { ReadingProgress, readWithProgress } from "../../../operations/rows/progress.js";
import { type FleetRow, unreadRow } from "../../../operations/rows/result-rows.js";
import { createPrinter } from "../../../output/printer.js";
import { hasSchedule, type UpdateRequest } from "./update-request.js";

/** Reads each candidate in full; leaves out deleted ones. */
export async function readAutomationDetails(
  context: Context,
  items: readonly FleetItem[],
  { ifSchedule }: UpdateRequest,
  concurrency: number | undefined,
): Promise<{ items: FleetItem[]; unread: FleetRow[] }> {
  const meant = items.filter(({ automation }) => hasSchedule(automation, ifSchedule));
  const { automations } = await context.client();
  const { found, errors } = await readWithProgress(context, meant, {
    progress: new ReadingProgress(context, await createPrinter(context)),
    stage: "automations",
    concurrency,
    read: ({ deployment_id, automation_id }, limits) =>
      unlessGone(automations.get(deployment_id, automation_id, limits)),
  });
  const outage = errors.find(({ error }) => isOutage(error));
  if (outage !== undefined) throw outage.error;
  return {
    items: [
      ...items.filter((item) => !meant.includes(item)),
      ...found.flatMap(({ item, value }) => (value === undefined ? [] : [{ ...item, automation: value }])),
    ],
    unread: errors.map(({ item, error }) => unreadRow(item, error)),
  };
}
