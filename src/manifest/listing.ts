import type { Herm } from "../api/client.js";
import { NotFoundError } from "../api/errors.js";
import type { Automation, AutomationDetail } from "../api/types.js";
import { execute } from "../fleet/execute.js";
import { keyRefusal } from "../fleet/failure.js";
import type { ItemResult, Outcome } from "../fleet/outcome.js";
import type { ActualAutomation } from "./change.js";

export interface ListingOptions {
  client: Herm;
  signal: AbortSignal;
}

type Stage = "deployments" | "automations";

export interface ReadingOptions extends ListingOptions {
  /** Hears how much there is to be read: of deployments, then of automations. */
  onStart?(stage: Stage, total: number): void;
  /** Hears of each deployment, and then of each automation, that has been read. */
  onRead?(): void;
}

interface Reading<Item, Value> {
  stage: Stage;
  items: readonly Item[];
  deploymentOf(item: Item): string;
  read(item: Item): Promise<Value>;
  /** As soon as an item is over, skipped ones included. */
  onOutcome?(item: Item, outcome: Outcome<Value>): void;
}

/**
 * Reads each item, several at once; one that can't be read doesn't stop the others. Throws after Ctrl-C, and where every
 * request that was tried showed that the key is refused.
 */
export async function readEach<Item, Value>(
  { stage, items, deploymentOf, read, onOutcome }: Reading<Item, Value>,
  { client, signal, onStart, onRead }: ReadingOptions,
): Promise<ItemResult<Item, Value>[]> {
  onStart?.(stage, items.length);
  const results = await execute<Item, Value>({
    items,
    signal,
    deploymentOf,
    persistence: client.persistence,
    reader: client,
    run: async (item) => ({ result: "done", value: await read(item) }),
    onOutcome: (item, outcome) => {
      onRead?.();
      onOutcome?.(item, outcome);
    },
  });
  signal.throwIfAborted();
  const refusal = keyRefusal(results);
  if (refusal !== undefined) throw refusal;
  return results;
}

/** Every page of a deployment's automations. */
export async function listDeployment(
  deploymentId: string,
  { client, signal }: ListingOptions,
): Promise<Automation[]> {
  const found: Automation[] = [];
  for await (const automation of client.automations.list(deploymentId, { limit: 100 }, { signal })) {
    found.push(automation);
  }
  return found;
}

/** The same, as far as a plan looks at them. */
export async function listEssentials(
  deploymentId: string,
  options: ListingOptions,
): Promise<ActualAutomation[]> {
  const found: ActualAutomation[] = [];
  for (const automation of await listDeployment(deploymentId, options)) {
    const essentials = essentialsOf(automation);
    if (essentials !== undefined) found.push(essentials);
  }
  return found;
}

/**
 * What a plan looks at; the runs that come along would only fill the memory of a fleet. Nothing of what has no name: no
 * file can mean it, and it must not be taken for what no file names. What may be enabled counts as enabled.
 */
export function essentialsOf(automation: Automation): ActualAutomation | undefined {
  const { automation_id, name, schedule, enabled, instructions, thread_id, created_at, updated_at } =
    automation;
  if (typeof name !== "string") return undefined;
  const known = { automation_id, name, schedule: schedule ?? "", enabled: enabled ?? true };
  return { ...known, instructions: instructions ?? undefined, thread_id, created_at, updated_at };
}

/** One automation with its instructions; nothing if it is gone by now. */
export async function getIfThere(
  { deploymentId, automationId }: { deploymentId: string; automationId: string },
  { client, signal }: ListingOptions,
): Promise<AutomationDetail | undefined> {
  return unlessGone(client.automations.get(deploymentId, automationId, { signal }));
}

/** What a request gives; nothing where what it is about isn't there any more. */
export async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
