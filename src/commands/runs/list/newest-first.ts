import { msOf } from "../../../api/schema.js";
import type { Automation, Run } from "../../../api/types.js";

export interface Newest {
  limit: number;
  fits(run: Run): boolean;
}

type WithLastRun = { listed?: Pick<Automation, "last_run_at"> | undefined };

/**
 * Orders automations so that the newest runs come first: one that ran last before the oldest run that would be listed
 * can't bring any.
 */
export function newestFirst<Each extends WithLastRun>(automations: readonly Each[], { limit, fits }: Newest) {
  // Automations that ran last come first, after those whose last run has no time.
  const ordered = automations.toSorted((one, other) => ranLastMs(other) - ranLastMs(one) || 0);
  const done = new AbortController();
  let begun = 0;
  /** Starts of the newest runs, in ms since 1970, the newest first: at most `limit`. */
  let starts: number[] = [];
  return {
    automations: ordered,
    /** Aborts when no automation that wasn't begun can bring one of the newest runs. */
    done: done.signal,
    begin: () => {
      begun += 1;
    },
    add: (runs: readonly Run[]) => {
      const more = runs.filter(fits).flatMap(({ started_at: at }) => (at ? Date.parse(at) : []));
      starts = [...starts, ...more].sort((one, other) => other - one).slice(0, limit);
      const oldestListed = starts[limit - 1];
      const next = ordered[begun];
      if (oldestListed !== undefined && next !== undefined && ranLastMs(next) <= oldestListed) done.abort();
    },
  };
}

function ranLastMs({ listed }: WithLastRun): number {
  return msOf(listed?.last_run_at) ?? Number.POSITIVE_INFINITY;
}
