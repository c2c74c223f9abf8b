import type { HermClient } from "../api/client.js";
import { isUnderWay } from "../api/run-status.js";
import type { Automation, AutomationDetail, Run } from "../api/types.js";
import type { ItemResult } from "./outcome.js";
import { readMany, unlessGone } from "./read-many.js";
import { itemKey } from "./refs.js";

interface ListedAutomation {
  deployment_id: string;
  automation_id: string;
  automation: Automation;
}

interface RunsOf<Item> {
  item: Item;
  runs: readonly Run[];
}

export interface RunsUnderWay<Item> {
  going: RunsOf<Item>[];
  unreadable: { item: Item; error: unknown }[];
}

export interface RunsReading<Item> {
  items: readonly Item[];
  signal: AbortSignal;
  concurrency?: number | undefined;
  onRead?(): void;
  onDetail?(item: Item, automation: AutomationDetail): void;
}

export function countRuns(going: readonly RunsOf<unknown>[]): number {
  return going.reduce((sum, { runs }) => sum + runs.length, 0);
}

/**
 * Finds every unfinished run, not only an automation's newest, which is all that a list has: one GET for each
 * automation that ever ran, several at once. The next call reads only what the list shows to have changed, what had an
 * unfinished run, and what couldn't be read.
 */
export class RunsReader {
  /** The last run of each automation in the list, when none was unfinished. */
  #quiet = new Map<string, string>();

  constructor(private readonly client: HermClient) {}

  /** Reads on after a failure. After Ctrl-C it resolves with the runs read until then. */
  async read<Item extends ListedAutomation>(reading: RunsReading<Item>): Promise<RunsUnderWay<Item>> {
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

  #isQuiet(item: ListedAutomation): boolean {
    const last = lastRun(item);
    return last !== undefined && this.#quiet.get(itemKey(item)) === last;
  }

  #remember<Item extends ListedAutomation>(
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

function lastRun({
  automation: { last_run_at: at, last_run_status: status },
}: ListedAutomation): string | undefined {
  return at === undefined ? undefined : `${at} ${status}`;
}
