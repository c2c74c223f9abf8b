import { NotFoundError } from "../../../api/errors.js";
import type { Automation, AutomationDetail, DeploymentSummary } from "../../../api/types.js";
import type { InputOf } from "../../../command/declaration.js";
import type { Context } from "../../../context.js";
import { exitCodes } from "../../../errors.js";
import { exitCodeOf } from "../../../exit-code.js";
import { isOutage } from "../../../fleet/outage.js";
import { itemKey } from "../../../fleet/refs.js";
import { type FleetItem, fleetItems } from "../../../incident/pause-plan.js";
import { type Choosing, readScope } from "../../fleet/choose.js";
import { Names } from "../../fleet/names.js";
import { ReadingProgress, readWhatCanBe } from "../../fleet/reading.js";
import type { FleetSession } from "../../fleet/session.js";
import { noneFits } from "./none-fits.js";
import { checkPlan, planUpdates, type UpdatePlan } from "./plan.js";
import type { command } from "./update.js";
import { type Conditions, checkReplaced, hasSchedule, type WantedUpdate } from "./wanted.js";

export interface BulkUpdate extends Choosing {
  wanted: WantedUpdate;
  conditions: Conditions;
  /** One ref and no selection: JSON is one object. */
  isSingle: boolean;
  /** As it was typed, for what else it says and to repeat it. */
  input: InputOf<typeof command>;
}

/** An update whose automations have been read. */
export interface PreparedUpdates {
  session: FleetSession;
  work: BulkUpdate;
  deployments: readonly DeploymentSummary[];
  plan: UpdatePlan;
}

/** What people call all that it is about. */
export function namesOf({ session, plan, deployments }: Omit<PreparedUpdates, "work">): Names {
  const { toUpdate, unchanged, left, unread } = plan;
  const items = [...[...toUpdate, ...left, ...unread].map(({ item }) => item), ...unchanged];
  return new Names(items, session.everyone, deployments.length > 1);
}

/**
 * Reads what was chosen and plans what is to be changed of it. Throws what `readScope`, `checkPlan` and `checkReplaced`
 * throw; NothingFoundError where all could be read and none is as the conditions want it.
 */
export async function prepareUpdates(
  context: Context,
  session: FleetSession,
  work: BulkUpdate,
): Promise<PreparedUpdates> {
  const { conditions, wanted, isSelection } = work;
  const { deployments, readings, items } = await readScope(context, session, work, work.input);
  const { details, unread, gone } = await readDetails(context, session, { work, items });
  const present = items.filter((item) => !gone.has(item));
  const plan = planUpdates({
    items: present,
    details,
    wanted,
    conditions,
    isByRefs: !isSelection,
    unread,
    unreadable: readings.filter(({ error }) => error !== undefined),
  });
  const { toUpdate, unchanged, unreadable } = plan;
  const isReadWhole = unread.length + unreadable.length === 0;
  if (isReadWhole && toUpdate.length + unchanged.length === 0)
    throw noneFits(
      present.map((item) => details.get(itemKey(item)) ?? item.automation),
      { conditions, wanted },
    );
  const prepared = { session, work, deployments, plan };
  const names = namesOf(prepared);
  checkPlan(plan, { everyone: fleetItems(readings), nameOf: (id) => names.deployment(id) });
  if (wanted.replacement !== undefined)
    for (const { item, changes } of toUpdate) checkReplaced(context, changes, names.of(item));
  return prepared;
}

interface Details {
  /** By `itemKey`. */
  details: Map<string, Automation>;
  unread: { item: FleetItem; error: unknown }[];
  /** Deleted since the list was read. */
  gone: Set<FleetItem>;
}

/** A list has neither instructions nor thread: where those matter, each that may be changed is read by itself. */
async function readDetails(
  context: Context,
  { client, printer }: FleetSession,
  { work, items }: { work: BulkUpdate; items: readonly FleetItem[] },
): Promise<Details> {
  const { conditions, wanted, input } = work;
  const fields = [wanted.instructions, wanted.replacement, wanted.thread, conditions.instructions];
  if (fields.every((field) => field === undefined))
    return { details: new Map(), unread: [], gone: new Set() };
  const wantedItems = items.filter(({ automation }) => hasSchedule(automation.schedule, conditions));
  const { found, errors } = await readWhatCanBe<FleetItem, AutomationDetail>(context, wantedItems, {
    progress: new ReadingProgress(context, printer),
    stage: "automations",
    concurrency: input.concurrency,
    deploymentOf: ({ deployment_id }) => deployment_id,
    read: ({ deployment_id, automation_id }) =>
      client.automations.get(deployment_id, automation_id, { signal: context.signal }),
  });
  const fatal = errors.find(({ error }) => isOutage(error)) ?? refusal(errors, found.length);
  if (fatal !== undefined) throw fatal.error;
  return {
    details: new Map(found.map(({ item, value }) => [itemKey(item), value])),
    unread: errors.filter(({ error }) => !(error instanceof NotFoundError)),
    gone: new Set(errors.flatMap(({ item, error }) => (error instanceof NotFoundError ? [item] : []))),
  };
}

/** Where the key is refused for every one of them, that is all there is to say. */
function refusal(errors: Details["unread"], found: number): Details["unread"][number] | undefined {
  const isRefused = errors.every(({ error }) => exitCodeOf(error) === exitCodes.auth);
  return found === 0 && isRefused ? errors[0] : undefined;
}
