/** Lists deployments, and waits until they are ready. */

import type { HermClient } from "../../api/client.js";
import type { Automation, AutomationDetail, AutomationRef } from "../../api/types.js";
import { errorOf, type ItemResult, isNotReady, UnreadyError, unreadiness } from "../../fleet/outcome.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import { checkReadings, readMany, unlessGone } from "../../fleet/read-many.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import type { Limits, ReadOne } from "../../fleet/silent-deployments.js";
import type { ActualAutomation } from "../plan/plan-item.js";

interface ListingOptions {
  client: HermClient;
  signal: AbortSignal;
  /** Limits each read if many are listed. */
  readOne?: ReadOne;
}

type Stage = "deployments" | "automations";

export interface ReadingOptions extends ListingOptions {
  /** Called with the number of deployments, then automations, to read; the counts add up. */
  onStart?(stage: Stage, total: number): void;
  onRead?(): void;
}

/** Reads each item with `readMany`. Throws what `checkReadings` throws. */
export async function readEach<Item extends { deployment_id: string }, Value>(
  { stage, items, read }: { stage: Stage; items: readonly Item[]; read(item: Item): Promise<Value> },
  { onStart, ...options }: ReadingOptions,
): Promise<ItemResult<Item, Value>[]> {
  onStart?.(stage, items.length);
  const results = await readMany(items, { read, ...options });
  checkReadings(results, options.signal);
  return results;
}

/** A deployment's automations, with only the fields that a plan needs. */
export async function listEssentials(
  deployment_id: string,
  { client, signal, readOne }: ListingOptions,
): Promise<ActualAutomation[]> {
  const { data } = await listCurrentAutomations(client, deployment_id, { signal, readOne });
  return data.flatMap((automation) => essentialsOf(automation) ?? []);
}

/**
 * Picks the fields that a plan needs, because runs would only fill the memory. Undefined for an automation without a
 * name, which no file can mean or prune. An unknown state counts as enabled.
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

/** Milliseconds to wait for all deployments that aren't ready, together; absent: don't wait. */
export interface WaitReady {
  namedMs?: number | undefined;
  foundMs?: number | undefined;
}

export interface WaitOptions extends ReadingOptions {
  waitReady?: WaitReady | undefined;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type DeploymentListing = ItemResult<DeploymentTarget, ActualAutomation[]>;

const pollMs = 2000;

/**
 * Waits for deployments whose automations couldn't be listed because they weren't ready, then lists them; finds out
 * which others are broken.
 */
export async function waitUntilReady(
  listed: readonly DeploymentListing[],
  options: WaitOptions,
): Promise<DeploymentListing[]> {
  const { client, signal, sleep } = options;
  const results = new Map<DeploymentTarget, DeploymentListing>();
  const isOpen = ({ outcome }: DeploymentListing) => isNotReady(errorOf(outcome));
  let open = listed.filter(isOpen).map(({ item }) => item);
  for (let waitedMs = 0; open.length > 0; waitedMs += pollMs) {
    const looked = await readEach<DeploymentTarget, ActualAutomation[] | "open">(
      {
        stage: "deployments",
        items: open,
        read: (target) => look(target, { ...options, waitedMs }),
      },
      { client, signal },
    );
    open = [];
    for (const { item, outcome } of looked) {
      if ("value" in outcome && outcome.value === "open") open.push(item);
      else results.set(item, { item, outcome } as DeploymentListing);
    }
    const longestMs = Math.max(0, ...open.map((target) => waitFor(target, options)));
    if (open.length > 0) await sleep(Math.min(pollMs, longestMs - waitedMs), signal);
  }
  return listed.map((each) => results.get(each.item) ?? each);
}

function waitFor({ isNamed }: DeploymentTarget, { waitReady = {} }: WaitOptions): number {
  return (isNamed ? waitReady.namedMs : waitReady.foundMs) ?? 0;
}

async function look(
  target: DeploymentTarget,
  options: WaitOptions & { waitedMs: number },
): Promise<ActualAutomation[] | "open"> {
  const { client, signal, waitedMs } = options;
  const { deployment_id, name } = target;
  const waitMs = waitFor(target, options);
  const known = waitMs === 0 && target.status !== "ready" ? target.status : undefined;
  const status = known ?? (await client.deployments.get(deployment_id, { signal })).status;
  if (status === "ready") return listEssentials(deployment_id, options);
  if (status === "error") {
    throw new UnreadyError(`${name} ${unreadiness(true)}: it won't become ready`, true);
  }
  if (waitMs === 0) throw new UnreadyError(`${name} ${unreadiness(false)}`, false);
  if (waitedMs < waitMs) return "open";
  const hint = "to wait longer, raise --wait-ready";
  throw new UnreadyError(`${name} is still ${status} after ${Math.round(waitedMs / 1000)}s`, false, { hint });
}
