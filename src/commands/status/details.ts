import type { HermClient } from "../../api/client.js";
import type { Context } from "../../context/context.js";
import { errorOf } from "../../fleet/outcome.js";
import { checkReadings, readMany, unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import { stateOf, waitingRuns } from "../../runs/state.js";
import { questionIn } from "../../runs/thread-text.js";
import { readMessages } from "../runs/shared/messages.js";
import { type FleetStatus, isDue, type ListedStatus, type ReadDetail, type StatusOptions } from "./facts.js";

/**
 * Reads automations one by one: a GET each, and one more for the question of each that waits, which only the thread has.
 * Reuses of the reading before what doesn't change any more. What fails doesn't stop the others; a key that is refused
 * everywhere is thrown.
 */
export async function readDetails(
  context: Context,
  items: readonly FleetItem[],
  { before, earlier, read }: Pick<StatusOptions, "before"> & Pick<ListedStatus, "earlier" | "read">,
): Promise<{
  details: ReadonlyMap<FleetItem, ReadDetail>;
  detailOf(item: FleetItem): ReadDetail | undefined;
}> {
  const known = readBefore(before);
  const knownOf = (item: FleetItem) => known.get(runKey(item));
  const isEarlier = ({ deployment_id }: FleetItem) => earlier.has(deployment_id);
  // A failed run is over: nothing of it changes any more.
  const overOf = (item: FleetItem) =>
    item.automation.last_run_status === "error" || isEarlier(item) ? knownOf(item) : undefined;
  const unknown = items.filter((item) => overOf(item) === undefined && !isEarlier(item));
  const client = await context.client();
  const results = await readMany<FleetItem, ReadDetail>(unknown, {
    client,
    signal: context.signal,
    read: (item) => {
      const automation = read.get(item);
      return readDetail(context, client, item, automation ? { automation } : knownOf(item));
    },
  });
  checkReadings(results, context.signal);
  const details = new Map(
    results.map(({ item, outcome }): [FleetItem, ReadDetail] =>
      "value" in outcome ? [item, outcome.value] : [item, { automation: undefined, error: errorOf(outcome) }],
    ),
  );
  return { details, detailOf: (item) => overOf(item) ?? details.get(item) };
}

async function readDetail(
  context: Context,
  client: HermClient,
  item: FleetItem,
  known: ReadDetail | undefined,
): Promise<ReadDetail> {
  const { deployment_id, automation_id, automation: listed } = item;
  const automation =
    known?.automation ??
    (await unlessGone(client.automations.get(deployment_id, automation_id, { signal: context.signal })));
  if (automation === undefined) return { automation };
  const isWaiting = stateOf(listed, { runs: automation.recent_runs }) === "waiting";
  const status = isWaiting ? "waiting_on_human" : listed.last_run_status;
  const run = automation.recent_runs.find((each) => each.status === status);
  if (!isWaiting || run === undefined) return { automation, run };
  try {
    const { name, thread_id } = automation;
    const place = { deployment_id, automation: { automation_id, name, thread_id } };
    const question = questionIn((await readMessages(context, { ...place, run })) ?? []);
    return { automation, run, question };
  } catch (error) {
    context.signal.throwIfAborted();
    return { automation, run, error };
  }
}

/** Of a run that waits behind a newer one no list shows the end: its automation is read again. */
function readBefore({ rows }: Pick<FleetStatus, "rows"> = { rows: [] }): Map<string, ReadDetail> {
  return new Map(
    rows.flatMap(({ problem, first, detail }) => {
      const waiting =
        waitingRuns(detail?.automation ?? {}) - waitingRuns({ ...first.automation, recent_runs: [] });
      const isKnown = detail?.run !== undefined && detail.error === undefined && waiting === 0;
      return isKnown && !isDue({ problem }) ? [[runKey(first), detail] as const] : [];
    }),
  );
}

function runKey(item: FleetItem): string {
  const { last_run_at: at, last_run_status: status } = item.automation;
  return JSON.stringify([itemKey(item), at, status]);
}
