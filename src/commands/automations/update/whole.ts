import { NotFoundError } from "../../../api/errors.js";
import type { AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { exitCodes } from "../../../errors.js";
import { exitCodeOf } from "../../../exit-code.js";
import { isOutage } from "../../../fleet/outage.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { createPrinter } from "../../../output/printer.js";
import { ReadingProgress, readWhatCanBe } from "../../fleet/reading.js";
import { type FleetRow, failure, itemRow } from "../../fleet/rows.js";
import { type Conditions, hasSchedule } from "./wanted.js";

/** Reads each that may be changed by itself; what is gone since the list was read is left out. */
export async function readWhole(
  context: Context,
  items: readonly FleetItem[],
  { conditions, concurrency }: { conditions: Conditions; concurrency: number | undefined },
): Promise<{ items: FleetItem[]; unread: FleetRow[] }> {
  const meant = items.filter(({ automation }) => hasSchedule(automation.schedule, conditions));
  const client = await context.client();
  const { found, errors } = await readWhatCanBe<FleetItem, AutomationDetail>(context, meant, {
    progress: new ReadingProgress(context, await createPrinter(context)),
    stage: "automations",
    concurrency,
    deploymentOf: ({ deployment_id }) => deployment_id,
    read: ({ deployment_id, automation_id }) =>
      client.automations.get(deployment_id, automation_id, { signal: context.signal }),
  });
  const isRefused = errors.every(({ error }) => exitCodeOf(error) === exitCodes.auth);
  const refusal = found.length === 0 && isRefused ? errors[0] : undefined;
  const fatal = errors.find(({ error }) => isOutage(error)) ?? refusal;
  if (fatal !== undefined) throw fatal.error;
  return {
    items: [
      ...items.filter((item) => !meant.includes(item)),
      ...found.map(({ item, value }) => ({ ...item, automation: value })),
    ],
    unread: errors
      .filter(({ error }) => !(error instanceof NotFoundError))
      .map(({ item, error }) => ({ ...itemRow(item), result: "failed", ...failure(error) })),
  };
}
