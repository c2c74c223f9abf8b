import { msOf } from "../../../api/schema.js";
import type { Automation, Run } from "../../../api/types.js";

export interface Newest {
  limit: number;
  fits(run: Run): boolean;
}

/**
 * Orders automations so that the newest runs come first: one that ran last before the oldest run that would be listed
 * can't bring any.
 */
export class NewestFirst<Place extends Pick<Automation, "last_run_at">> {
  /** Automations that ran last first; those of which the server doesn't say when before all. */
  readonly automations: readonly Place[];
  readonly #done = new AbortController();
  #started = 0;
  /** Starts of the newest runs, in ms since 1970, the newest first: at most `limit`. */
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

  begin(): void {
    this.#started += 1;
  }

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
