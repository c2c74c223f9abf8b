import type { HermClient } from "../../api/client.js";
import type { Automation, AutomationDetail, Run } from "../../api/types.js";
import { errorOf } from "../../fleet/outcome.js";
import { readMany, unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import { hasRunSince, runsSincePause, type SincePause } from "../../observe/unexpected.js";

export interface ListedItem {
  deployment_id: string;
  automation_id: string;
  automation: Automation;
}

/** An item with the time of its pause, in ms since 1970. */
export interface PausedItem extends ListedItem {
  pausedMs: number | undefined;
}

export interface SinceReading<Item> {
  /** Runs by `<deployment>/<automation>`; no entry where nothing ran. */
  since: Map<string, SincePause>;
  unreadable: { item: Item; error: unknown }[];
  /** Number of items beyond `most`. */
  skipped: number;
}

/**
 * Reads what ran of what is paused: a GET for each that has a run since its pause, and none for what was read before and
 * has no other since.
 */
export class SincePauseReader {
  readonly #known = new Map<string, { last: string; runs: readonly Run[] }>();

  constructor(private readonly client: HermClient) {}

  /** Adds a detail that was read for another reason. */
  learn({ automation: { last_run_at }, ...item }: ListedItem, { recent_runs: runs }: AutomationDetail): void {
    if (last_run_at) this.#known.set(itemKey(item), { last: last_run_at, runs });
  }

  async read<Item extends PausedItem>(
    items: readonly Item[],
    { signal, concurrency, most }: { signal: AbortSignal; concurrency?: number | undefined; most?: number },
  ): Promise<SinceReading<Item>> {
    const asked = items.filter(({ automation, pausedMs }) => hasRunSince(automation, pausedMs));
    const unknown = asked.filter((item) => this.#runsOf(item) === undefined);
    const toRead = unknown.slice(0, most);
    const { client } = this;
    const results = await readMany<Item, void>(toRead, {
      client,
      signal,
      concurrency,
      deploymentOf: ({ deployment_id }) => deployment_id,
      read: async (item) => {
        const { deployment_id, automation_id } = item;
        const whole = await unlessGone(client.automations.get(deployment_id, automation_id, { signal }));
        // An automation that no longer exists has no runs.
        if (whole !== undefined) this.learn(item, whole);
      },
    });
    return {
      since: new Map(asked.flatMap((item) => this.#judge(item))),
      unreadable: results.flatMap(({ item, outcome }) =>
        "value" in outcome ? [] : [{ item, error: errorOf(outcome) }],
      ),
      skipped: unknown.length - toRead.length,
    };
  }

  #runsOf({ automation: { last_run_at: last }, ...item }: ListedItem): readonly Run[] | undefined {
    const known = this.#known.get(itemKey(item));
    return known?.last === last ? known?.runs : undefined;
  }

  #judge({ pausedMs, ...item }: PausedItem): [string, SincePause][] {
    const recent_runs = this.#runsOf(item);
    if (recent_runs === undefined || pausedMs === undefined) return [];
    const key = itemKey(item);
    const since = runsSincePause({ ...item.automation, recent_runs }, pausedMs);
    // The newest run isn't listed yet: the automation is read again next time.
    if (since.doubt === "run_not_listed") this.#known.delete(key);
    return [[key, since]];
  }
}
