import type { AutomationDetail } from "../api/types.js";
import { errorOf, execute, type ItemResult, type Outcome } from "../fleet/execute.js";
import type { DeploymentTarget } from "../fleet/selection.js";
import { getIfThere, type ListingOptions, listDeployment } from "./listing.js";
import { throwIfOver } from "./survey.js";
import type { WrittenAutomation } from "./write.js";

/** A deployment's automations with their instructions, or why they can't be read. */
export interface Collection {
  target: DeploymentTarget;
  automations: readonly WrittenAutomation[];
  /** Those of which the API doesn't say what a manifest needs: ids. */
  leftOut: readonly string[];
  error?: unknown;
}

export interface CollectionOptions extends ListingOptions {
  /** `--match` and `--except`. */
  includes(automation: { automation_id: string; name?: string | null }): boolean;
  /** Hears how much there is to be read: of deployments, then of automations. */
  onStart?(stage: "deployments" | "automations", total: number): void;
  onRead?(): void;
}

interface Wanted {
  target: DeploymentTarget;
  automationId: string;
}

/** Reads everything that an export writes, several requests at once; a deployment that can't be read doesn't stop the others. */
export async function collectAutomations(
  targets: readonly DeploymentTarget[],
  options: CollectionOptions,
): Promise<Collection[]> {
  const { signal, includes, onStart, onRead } = options;
  onStart?.("deployments", targets.length);
  const listed = await execute<DeploymentTarget, string[]>({
    items: targets,
    signal,
    deploymentOf: ({ deploymentId }) => deploymentId,
    persistence: options.client.persistence,
    isReading: true,
    run: async ({ deploymentId }) => {
      const automations = await listDeployment(deploymentId, options);
      return {
        result: "done",
        value: automations.filter(includes).map(({ automation_id }) => automation_id),
      };
    },
    onOutcome: () => onRead?.(),
  });
  throwIfOver(listed, options);
  const details = await readDetails(listed, options);
  return listed.map(({ item, outcome }) => toCollection(item, { outcome, details }));
}

async function readDetails(
  listed: readonly ItemResult<DeploymentTarget, string[]>[],
  options: CollectionOptions,
): Promise<ItemResult<Wanted, Whole | undefined>[]> {
  const { signal, onStart, onRead } = options;
  const wanted = listed.flatMap(({ item, outcome }) =>
    "value" in outcome ? outcome.value.map((automationId): Wanted => ({ target: item, automationId })) : [],
  );
  onStart?.("automations", wanted.length);
  const details = await execute<Wanted, Whole | undefined>({
    items: wanted,
    signal,
    deploymentOf: ({ target }) => target.deploymentId,
    persistence: options.client.persistence,
    isReading: true,
    run: async ({ target: { deploymentId }, automationId }) => {
      const detail = await getIfThere({ deploymentId, automationId }, options);
      return { result: "done", value: detail && essentials(detail) };
    },
    onOutcome: () => onRead?.(),
  });
  throwIfOver(details, options);
  return details;
}

function toCollection(
  target: DeploymentTarget,
  {
    outcome,
    details,
  }: { outcome: Outcome<string[]>; details: readonly ItemResult<Wanted, Whole | undefined>[] },
): Collection {
  const none = { target, automations: [], leftOut: [] };
  const notListed = errorOf(outcome);
  if (notListed !== undefined) return { ...none, error: notListed };
  const automations: WrittenAutomation[] = [];
  const leftOut: string[] = [];
  for (const { item, outcome: detail } of details) {
    if (item.target !== target) continue;
    const error = errorOf(detail);
    if (error !== undefined) return { ...none, error };
    if (!("value" in detail) || detail.value === undefined) continue;
    if (detail.value === "incomplete") leftOut.push(item.automationId);
    else automations.push(detail.value);
  }
  return { target, automations, leftOut };
}

/** What a manifest needs of an automation, or that the API doesn't say all of it. */
type Whole = WrittenAutomation | "incomplete";

function essentials({ automation_id, name, schedule, enabled, instructions }: AutomationDetail): Whole {
  if (typeof name !== "string" || typeof schedule !== "string" || typeof instructions !== "string")
    return "incomplete";
  return { automation_id, name, schedule, enabled: enabled ?? true, instructions };
}
