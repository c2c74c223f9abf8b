import type { HermClient } from "../../api/client.js";
import type { AutomationDetail, Run } from "../../api/types.js";
import type { Context } from "../../context.js";
import { errorOf } from "../../fleet/outcome.js";
import { checkReadings, readMany, unlessGone } from "../../fleet/read-many.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import { questionIn } from "../../run-view/thread-text.js";
import { readMessages } from "../runs/shared/messages.js";

export interface ReadDetail {
  automation: AutomationDetail | undefined;
  run?: Run | undefined;
  question?: string | undefined;
  error?: unknown;
}

/**
 * Reads automations one by one: a GET each, and one more for the question of each that waits, which only the thread
 * has. Of what `knownOf` has only the question is read again. What fails doesn't stop the others; a key that is
 * refused everywhere is thrown.
 */
export async function readStatusDetails(
  context: Context,
  items: readonly FleetItem[],
  knownOf: (item: FleetItem) => ReadDetail | undefined,
): Promise<Map<FleetItem, ReadDetail>> {
  const client = await context.client();
  const results = await readMany<FleetItem, ReadDetail>(items, {
    client,
    signal: context.signal,
    deploymentOf: ({ deployment_id }) => deployment_id,
    read: (item) => readDetail(context, client, item, knownOf(item)),
  });
  checkReadings(results, context.signal);
  return new Map(
    results.map(({ item, outcome }) =>
      "value" in outcome ? [item, outcome.value] : [item, { automation: undefined, error: errorOf(outcome) }],
    ),
  );
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
  const status = listed.last_run_status;
  const run = automation.recent_runs.find((each) => each.status === status);
  if (status !== "waiting_on_human" || run === undefined) return { automation, run };
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
