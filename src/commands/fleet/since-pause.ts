import type { Herm } from "../../api/client.js";
import { NotFoundError } from "../../api/errors.js";
import type { Automation, AutomationDetail, Run } from "../../api/types.js";
import { execute } from "../../fleet/execute.js";
import { errorOf } from "../../fleet/outcome.js";
import { itemKey } from "../../fleet/refs.js";
import { hasRunSince, runsSincePause, type SincePause } from "../../observe/unexpected.js";

interface Listed {
  deployment_id: string;
  automation_id: string;
  automation: Automation;
}

/** An automation that is asked about, and when it was paused, ms since 1970. */
export interface PausedListed extends Listed {
  pausedMs: number | undefined;
}

/** What ran of what is paused, by `<deployment>/<automation>`: of what has no run since, nothing. */
export interface SinceReading<Item> {
  since: Map<string, SincePause>;
  /** Those whose runs couldn't be read, and why. */
  unread: { item: Item; error: unknown }[];
}

/**
 * Reads what ran since its pause: a GET for each that has a run since, and none for what was read before and whose list
 * says of no run since then.
 */
export class SincePauseReader {
  #known = new Map<string, { last: string; runs: readonly Run[] }>();

  constructor(private readonly client: Herm) {}

  /** Takes what was read for another reason. */
  learn({ automation: { last_run_at }, ...item }: Listed, { recent_runs: runs }: AutomationDetail): void {
    if (last_run_at) this.#known.set(itemKey(item), { last: last_run_at, runs });
  }

  /** What fails doesn't stop the others. */
  async read<Item extends PausedListed>(
    items: readonly Item[],
    { signal, concurrency }: { signal: AbortSignal; concurrency?: number | undefined },
  ): Promise<SinceReading<Item>> {
    const asked = items.filter(({ automation, pausedMs }) => hasRunSince(automation, pausedMs));
    const results = await execute<Item, undefined>({
      items: asked.filter((item) => this.#runsOf(item) === undefined),
      signal,
      concurrency,
      deploymentOf: ({ deployment_id }) => deployment_id,
      persistence: this.client.persistence,
      reader: this.client,
      run: async (item) => {
        await this.#learnFrom(item, signal);
        return { result: "done", value: undefined };
      },
    });
    const since = new Map(asked.flatMap((item) => this.#judge(item)));
    this.#forget(asked, since);
    return {
      since,
      unread: results.flatMap(({ item, outcome }) =>
        "value" in outcome ? [] : [{ item, error: errorOf(outcome) }],
      ),
    };
  }

  #runsOf({ automation: { last_run_at: last }, ...item }: Listed): readonly Run[] | undefined {
    const known = this.#known.get(itemKey(item));
    return known?.last === last ? known?.runs : undefined;
  }

  #judge({ pausedMs, ...item }: PausedListed): [string, SincePause][] {
    const recent_runs = this.#runsOf(item);
    if (recent_runs === undefined || pausedMs === undefined) return [];
    return [[itemKey(item), runsSincePause({ ...item.automation, recent_runs }, pausedMs)]];
  }

  /** What isn't asked about any more; and a run that the list has and the API didn't tell of yet is asked for again. */
  #forget(asked: readonly Listed[], since: ReadonlyMap<string, SincePause>): void {
    const keys = new Set(asked.map(itemKey));
    for (const key of this.#known.keys())
      if (!keys.has(key) || since.get(key)?.doubt === "run_not_listed") this.#known.delete(key);
  }

  /** What isn't there any more has no runs. */
  async #learnFrom(item: Listed, signal: AbortSignal): Promise<void> {
    const { deployment_id, automation_id } = item;
    try {
      this.learn(item, await this.client.automations.get(deployment_id, automation_id, { signal }));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
}
