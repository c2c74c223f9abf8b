/** Collects the automations that an export writes, and adds names. */

import type { Automation, AutomationDetail, AutomationRef, DeploymentSummary } from "../../api/types.js";
import { NotPossibleError } from "../../errors/cli-errors.js";
import { errorOf, type ItemResult } from "../../fleet/outcome.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import { isDeploymentId } from "../../fleet/refs.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import { readSchedule } from "../../schedule/read.js";
import { groupBy } from "../group-by.js";
import { excerpt } from "../mistake.js";
import { getIfThere, type ReadingOptions, readEach } from "../state/listing.js";
import type { WrittenAutomation } from "./manifest-text.js";

export interface Collection {
  target: DeploymentTarget;
  automations: readonly WrittenAutomation[];
  /** Ids of automations for which the API omits fields that a manifest needs. */
  leftOut: readonly string[];
  /** Automations whose schedule only the platform can read, and which no manifest can contain. */
  unreadable: readonly WrittenAutomation[];
  error?: unknown;
}

interface ListedAutomation extends AutomationRef {
  deployment_name: string;
  name?: string | null;
  automation: Automation;
}

/** Reads all automations that an export writes, as chosen by a selection. */
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

/** Reads automations with their instructions; undefined if one no longer exists. */
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

/** The whole automation, or `incomplete` if the API omits fields that a manifest needs. */
type Whole = WrittenAutomation | "incomplete";

function essentials({ automation_id, name, schedule, enabled, instructions }: AutomationDetail): Whole {
  if (typeof name !== "string" || typeof schedule !== "string" || typeof instructions !== "string")
    return "incomplete";
  return { automation_id, name, schedule, enabled: enabled ?? true, instructions };
}

/** Adds names, because a target chosen by its id alone has none yet. */
export function withNames(
  targets: readonly DeploymentTarget[],
  existing: readonly DeploymentSummary[],
): DeploymentTarget[] {
  const names = new Map(existing.map(({ deployment_id, name }) => [deployment_id, name]));
  return targets.map((target) => ({ ...target, name: names.get(target.deployment_id) ?? target.name }));
}

/** Adds a NotPossibleError to collections whose names couldn't identify them when read back. */
export function checkUniqueNames(
  collections: readonly Collection[],
  existing: readonly DeploymentSummary[],
): Collection[] {
  const byName = groupBy(existing, ({ name }) => name ?? "");
  return collections.map((collection) => {
    const { name, deployment_id } = collection.target;
    const ids = (byName.get(name) ?? []).map(({ deployment_id }) => deployment_id);
    const several = `${ids.length} deployments are named "${excerpt(name)}": ${ids.join(", ")}`;
    const why =
      whyNoName(name, deployment_id) ??
      (ids.length > 1 ? several : undefined) ??
      whyDuplicateNames(collection);
    if (collection.error !== undefined || why === undefined) return collection;
    const hint = "without --by-name, ids are written instead";
    return { ...collection, error: new NotPossibleError(why, { hint }) };
  });
}

function whyNoName(name: string, deployment_id: string): string | undefined {
  if (name === deployment_id || name.trim() === "") return `${deployment_id} has no name`;
  return isDeploymentId(name) ? `the name of ${deployment_id} is ${name}, which looks like an id` : undefined;
}

function whyDuplicateNames({ target, automations }: Collection): string | undefined {
  const groups = [...groupBy(automations, ({ name }) => name).values()];
  const duplicates = groups.find(({ length }) => length > 1);
  if (duplicates === undefined) return undefined;
  const ids = duplicates.map(({ automation_id }) => automation_id).join(", ");
  return `${duplicates.length} automations of ${target.name} are named "${excerpt(duplicates[0]?.name ?? "")}": ${ids}`;
}
