import type { Herm } from "../api/client.js";
import { NotFoundError } from "../api/errors.js";
import type { Automation, AutomationDetail } from "../api/types.js";
import { Crew } from "../fleet/crew.js";
import { keyRefusal } from "../fleet/failure.js";
import type { ItemResult } from "../fleet/outcome.js";
import type { ActualAutomation } from "./plan-item.js";

export interface ListingOptions {
  client: Herm;
  signal: AbortSignal;
}

type Stage = "deployments" | "automations";

export interface ReadingOptions extends ListingOptions {
  /** Hears how much there is to be read: of deployments, then of automations; so many more where it is told again. */
  onStart?(stage: Stage, total: number): void;
  /** Hears of each deployment, and then of each automation, that has been read. */
  onRead?(): void;
}

interface Reading<Item, Value> {
  stage: Stage;
  deploymentOf(item: Item): string;
  read(item: Item): Promise<Value>;
}

/** Reads each item, several at once; one that can't be read doesn't stop the others. Throws as `Reader` does. */
export async function readEach<Item, Value>(
  { items, ...reading }: Reading<Item, Value> & { items: readonly Item[] },
  options: ReadingOptions,
): Promise<ItemResult<Item, Value>[]> {
  const reader = new Reader(reading, options);
  try {
    const results = await reader.read(items);
    reader.judge();
    return results;
  } finally {
    reader.close();
  }
}

/** Reads as `readEach` does what becomes known little by little. To be closed once that is all. */
export class Reader<Item, Value> {
  readonly #crew: Crew<Item, Value>;
  readonly #results: ItemResult<Item, Value>[] = [];

  constructor(
    private readonly reading: Reading<Item, Value>,
    private readonly options: ReadingOptions,
  ) {
    const { client, signal, onRead } = options;
    this.#crew = new Crew({
      signal,
      deploymentOf: reading.deploymentOf,
      persistence: client.persistence,
      reader: client,
      run: async (item) => ({ result: "done", value: await reading.read(item) }),
      onOutcome: () => onRead?.(),
    });
  }

  /** Resolves once all of these have been read, or can't be. */
  async read(items: readonly Item[]): Promise<ItemResult<Item, Value>[]> {
    this.options.onStart?.(this.reading.stage, items.length);
    const results = await this.#crew.add(items);
    this.#results.push(...results);
    return results;
  }

  /** Throws after Ctrl-C, and where every request that was tried showed that the key is refused. */
  judge(): void {
    this.options.signal.throwIfAborted();
    const refusal = keyRefusal(this.#results);
    if (refusal !== undefined) throw refusal;
  }

  close(): void {
    this.#crew.close();
  }
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
