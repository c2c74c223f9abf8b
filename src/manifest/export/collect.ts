import type { Automation, AutomationDetail, AutomationRef } from "../../api/types.js";
import { errorOf, type ItemResult } from "../../fleet/outcome.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import { readSchedule } from "../../schedule/read.js";
import { groupBy } from "../group-by.js";
import { getIfThere, type ReadingOptions, readEach } from "../state/listing.js";
import type { WrittenAutomation } from "./manifest-text.js";

export interface Collection {
  target: DeploymentTarget;
  automations: readonly WrittenAutomation[];
  /** Ids of automations of which the API doesn't send all that a manifest needs. */
  leftOut: readonly string[];
  /** Automations with a schedule that only the platform can read, and no manifest can have. */
  unreadable: readonly WrittenAutomation[];
  error?: unknown;
}

interface ListedAutomation extends AutomationRef {
  deployment_name: string;
  name?: string | null;
  automation: Automation;
}

/** Reads everything that an export writes, of what is chosen among all. */
export async function collectAutomations(
  targets: readonly DeploymentTarget[],
  options: ReadingOptions & {
    choose(items: readonly ListedAutomation[]): Promise<readonly ListedAutomation[]>;
  },
): Promise<Collection[]> {
  const { client, signal, readOne } = options;
  const listed = await readEach(
    {
      stage: "deployments",
      items: targets,
      read: async ({ deployment_id, name: deployment_name }) =>
        (await listCurrentAutomations(client, deployment_id, { signal, readOne })).data.map(
          (automation): ListedAutomation => {
            const { automation_id, name, last_run_at, last_run_status } = automation;
            const brief = { automation_id, name, last_run_at, last_run_status };
            return { deployment_id, deployment_name, automation_id, name, automation: brief };
          },
        ),
    },
    options,
  );
  const all = listed.flatMap(({ outcome }) => ("value" in outcome ? outcome.value : []));
  const details = await readForManifest(await options.choose(all), options);
  const byDeployment = groupBy(details, ({ item }) => item.deployment_id);
  return listed.map(({ item, outcome }) => {
    const error = errorOf(outcome);
    if (error !== undefined) return { ...nothingOf(item), error };
    return toCollection(item, byDeployment.get(item.deployment_id) ?? []);
  });
}

/** Reads automations with their instructions; undefined for one that is gone. */
function readForManifest<Item extends AutomationRef>(
  items: readonly Item[],
  options: ReadingOptions,
): Promise<ItemResult<Item, Whole | undefined>[]> {
  return readEach(
    {
      stage: "automations",
      items,
      read: async (automation) => {
        const detail = await getIfThere(automation, options);
        return detail && essentials(detail);
      },
    },
    options,
  );
}

function toCollection(
  target: DeploymentTarget,
  details: readonly ItemResult<{ automation_id: string }, Whole | undefined>[],
): Collection {
  const all: WrittenAutomation[] = [];
  const leftOut: string[] = [];
  for (const { item, outcome } of details) {
    const error = errorOf(outcome);
    if (error !== undefined) return { ...nothingOf(target), error };
    if (!("value" in outcome) || outcome.value === undefined) continue;
    if (outcome.value === "incomplete") leftOut.push(item.automation_id);
    else all.push(outcome.value);
  }
  const [automations, unreadable] = [true, false].map((isReadable) =>
    all.filter(({ schedule }) => readSchedule(schedule).ok === isReadable),
  );
  return { target, automations: automations ?? [], leftOut, unreadable: unreadable ?? [] };
}

function nothingOf(target: DeploymentTarget): Collection {
  return { target, automations: [], leftOut: [], unreadable: [] };
}

/** A whole automation; `incomplete` where the API doesn't send all that a manifest needs. */
type Whole = WrittenAutomation | "incomplete";

function essentials({ automation_id, name, schedule, enabled, instructions }: AutomationDetail): Whole {
  if (typeof name !== "string" || typeof schedule !== "string" || typeof instructions !== "string")
    return "incomplete";
  return { automation_id, name, schedule, enabled: enabled ?? true, instructions };
}
