import { msOf } from "../../../api/door.js";
import type { Automation, Run } from "../../../api/types.js";

/** How many runs are enough, and which ones count. */
export interface Newest {
  limit: number;
  fits(run: Run): boolean;
}

/**
 * The order in which automations are read to find the newest runs, and when that is settled: an automation that ran last
 * before the oldest run that would be listed can't bring one of them.
 */
export class NewestFirst<Place extends Pick<Automation, "last_run_at">> {
  /** Those that ran last first; those of which the server doesn't say when before all. */
  readonly automations: readonly Place[];
  readonly #done = new AbortController();
  #started = 0;
  /** When the newest runs found began, in ms since the epoch, the newest first: at most `limit`. */
  #starts: number[] = [];

  constructor(
    automations: readonly Place[],
    private readonly newest: Newest,
  ) {
    this.automations = [...automations].sort((one, other) => ranLastMs(other) - ranLastMs(one) || 0);
  }

  /** Aborts when no automation that wasn't begun can bring one of the newest runs. */
  get done(): AbortSignal {
    return this.#done.signal;
  }

  /** Tells that the next of `places` is being read. */
  begin(): void {
    this.#started += 1;
  }

  /** Takes the runs of one of `places`. */
  add(runs: readonly Run[]): void {
    const { limit, fits } = this.newest;
    const starts = runs.filter(fits).flatMap(({ started_at: at }) => (at ? Date.parse(at) : []));
    this.#starts = [...this.#starts, ...starts].sort((one, other) => other - one).slice(0, limit);
    const oldestListed = this.#starts[limit - 1];
    const next = this.automations[this.#started];
    if (oldestListed !== undefined && next !== undefined && ranLastMs(next) <= oldestListed)
      this.#done.abort();
  }
}

function ranLastMs({ last_run_at: at }: Pick<Automation, "last_run_at">): number {
  return msOf(at) ?? Number.POSITIVE_INFINITY;
}
