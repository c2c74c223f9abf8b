import type { HermClient } from "../api/client.js";
import { isUnderWay } from "../api/run-status.js";
import type { Automation, AutomationDetail, Run } from "../api/types.js";
import type { ItemResult } from "./outcome.js";
import { readMany, unlessGone } from "./read-many.js";
import { itemKey } from "./refs.js";

/** An automation as a list has it, and where it is. */
interface Listed {
  deployment_id: string;
  automation_id: string;
  automation: Automation;
}

/** An automation and those of its recent runs that aren't over. */
export interface RunsOf<Item> {
  item: Item;
  runs: readonly Run[];
}

/** What was found of the runs that aren't over. */
export interface RunsUnderWay<Item> {
  /** Only automations that have any. */
  going: RunsOf<Item>[];
  /** Those whose runs couldn't be read, and why. */
  unreadable: { item: Item; error: unknown }[];
}

export interface RunsReading<Item> {
  items: readonly Item[];
  signal: AbortSignal;
  concurrency?: number | undefined;
  onRead?(): void;
  /** Hears of each automation that was read whole. */
  onDetail?(item: Item, automation: AutomationDetail): void;
}

/** How many runs these automations have together. */
export function countRuns(going: readonly RunsOf<unknown>[]): number {
  return going.reduce((sum, { runs }) => sum + runs.length, 0);
}

/**
 * Finds every run that isn't over, not only an automation's newest, which is all that a list has: one GET an automation
 * that ever ran, several at once. Asked again, it reads only what the list shows to have changed, what had a run under
 * way, and what couldn't be read.
 */
export class RunsReader {
  /** By automation: the last run that the list had when no run of it was under way. */
  #quiet = new Map<string, string>();

  constructor(private readonly client: HermClient) {}

  /** What fails doesn't stop the others. After Ctrl-C it resolves with what it read by then. */
  async read<Item extends Listed>(reading: RunsReading<Item>): Promise<RunsUnderWay<Item>> {
    const { items, signal, concurrency, onRead, onDetail } = reading;
    const doubtful = items.filter((item) => item.automation.last_run_at !== null && !this.#isQuiet(item));
    const { client } = this;
    const results = await readMany<Item, readonly Run[]>(doubtful, {
      client,
      signal,
      concurrency,
      deploymentOf: ({ deployment_id }) => deployment_id,
      read: async (item) => {
        const { deployment_id, automation_id } = item;
        const automation = await unlessGone(client.automations.get(deployment_id, automation_id, { signal }));
        if (automation !== undefined) onDetail?.(item, automation);
        return automation?.recent_runs.filter(isUnderWay) ?? [];
      },
      onRead: () => onRead?.(),
    });
    this.#remember(items, results);
    const firstError = results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []))[0];
    return {
      going: results.flatMap(({ item, outcome }) =>
        "value" in outcome && outcome.value.length > 0 ? [{ item, runs: outcome.value }] : [],
      ),
      unreadable: results.flatMap(({ item, outcome }) => {
        if ("value" in outcome) return [];
        return [{ item, error: "error" in outcome ? outcome.error : (firstError ?? signal.reason) }];
      }),
    };
  }

  #isQuiet(item: Listed): boolean {
    const last = lastRun(item);
    return last !== undefined && this.#quiet.get(itemKey(item)) === last;
  }

  #remember<Item extends Listed>(
    items: readonly Item[],
    results: readonly ItemResult<Item, readonly Run[]>[],
  ): void {
    const loud = new Set(
      results.flatMap(({ item, outcome }) =>
        "value" in outcome && outcome.value.length === 0 ? [] : [itemKey(item)],
      ),
    );
    this.#quiet = new Map(
      items.flatMap((item) => {
        const last = lastRun(item);
        return last === undefined || loud.has(itemKey(item)) ? [] : [[itemKey(item), last] as const];
      }),
    );
  }
}

/** What a list says of the last run; undefined where it doesn't. */
function lastRun({ automation: { last_run_at: at, last_run_status: status } }: Listed): string | undefined {
  return at === undefined ? undefined : `${at} ${status}`;
}
