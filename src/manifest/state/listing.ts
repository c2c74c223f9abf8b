import type { HermClient } from "../../api/client.js";
import type { Automation, AutomationDetail, AutomationRef } from "../../api/types.js";
import type { ItemResult } from "../../fleet/outcome.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import { checkReadings, readMany, unlessGone } from "../../fleet/read-many.js";
import type { Limits, ReadOne } from "../../fleet/silent-deployments.js";
import type { ActualAutomation } from "../plan/plan-item.js";

interface ListingOptions {
  client: HermClient;
  signal: AbortSignal;
  /** Limits each reading, where many are listed. */
  readOne?: ReadOne;
}

type Stage = "deployments" | "automations";

export interface ReadingOptions extends ListingOptions {
  /** Hears how many deployments, then automations, there are to read; the counts add up. */
  onStart?(stage: Stage, total: number): void;
  onRead?(): void;
}

/** Reads each item, as `readMany` does. Throws as `checkReadings` does. */
export async function readEach<Item extends { deployment_id: string }, Value>(
  { stage, items, read }: { stage: Stage; items: readonly Item[]; read(item: Item): Promise<Value> },
  { onStart, ...options }: ReadingOptions,
): Promise<ItemResult<Item, Value>[]> {
  onStart?.(stage, items.length);
  const results = await readMany(items, { read, ...options });
  checkReadings(results, options.signal);
  return results;
}

/** A deployment's automations, as far as a plan needs them. */
export async function listEssentials(
  deployment_id: string,
  { client, signal, readOne }: ListingOptions,
): Promise<ActualAutomation[]> {
  const { data } = await listCurrentAutomations(client, deployment_id, { signal, readOne });
  return data.flatMap((automation) => essentialsOf(automation) ?? []);
}

/**
 * The fields that a plan needs: runs would only fill the memory. Undefined without a name, since no file can mean it,
 * nor prune it. What may be enabled counts as enabled.
 */
export function essentialsOf(automation: Automation): ActualAutomation | undefined {
  const { automation_id, name, schedule, enabled, instructions, thread_id, updated_at } = automation;
  if (typeof name !== "string") return undefined;
  const known = { automation_id, name, schedule: schedule ?? "", enabled: enabled ?? true };
  return { ...known, instructions: instructions ?? undefined, thread_id, updated_at };
}

export async function getIfThere(
  { deployment_id, automation_id }: AutomationRef,
  { client, signal, readOne = (read) => read({ signal }) }: ListingOptions,
): Promise<AutomationDetail | undefined> {
  const get = (limits: Limits) => client.automations.get(deployment_id, automation_id, limits);
  return unlessGone(readOne(get, signal));
}
