import { enabledStatus } from "../../output/status.js";
import { told } from "../../output/value-text.js";
import type { AutomationRow } from "../automations/shared/columns.js";
import { failing, late, marksOfLastRun, waiting } from "../automations/shared/status-column.js";

/** An automation in the list, as it was last heard of. */
export interface TopRow extends AutomationRow {
  /** `dep_…/auto_…`: by which it is known again, wherever it stands. */
  key: string;
  /** What a filter looks through, in small letters. */
  search: string;
  /** How much it needs a look: the lower the sooner. */
  rank: number;
  /** Its deployment didn't answer the last time. */
  isStale: boolean;
}

/** The worst first; what is not among these is last of all. */
const ranks = ["waiting", "failing", "late", "running", "enabled", "paused"] as const;

export function topRow(row: AutomationRow, { isStale }: { isStale: boolean }): TopRow {
  const { automation, deploymentId, deploymentName, marks = [] } = row;
  const words = [...statesOf(row)].map((state) => ranks[state]);
  const texts = [told(automation.name), automation.automation_id, deploymentName, deploymentId, ...words];
  return {
    ...row,
    key: `${deploymentId}/${automation.automation_id}`,
    search: [...texts, ...marks.map(({ word }) => word)].join("\n").toLowerCase(),
    rank: Math.min(ranks.length, ...statesOf(row)),
    isStale,
  };
}

/** What is so of it, by the places in `ranks`: it may be waiting and paused. */
function statesOf({ automation, marks = [] }: AutomationRow): number[] {
  const all = [...marksOfLastRun(automation), ...marks];
  const isSo = {
    waiting: all.includes(waiting),
    failing: all.includes(failing),
    late: all.includes(late),
    running: automation.last_run_status === "running",
    enabled: enabledStatus(automation) === "enabled",
    paused: enabledStatus(automation) === "paused",
  };
  return ranks.flatMap((state, at) => (isSo[state] ? [at] : []));
}

type StateCounts = readonly { state: (typeof ranks)[number]; count: number }[];

/** Of the rows of one reading, which are counted once, however often they are drawn. */
const countsOf = new WeakMap<readonly TopRow[], StateCounts>();

/** How many there are of each state, `270 enabled`; one automation may count in several. Worst first, none of what there is none of. */
export function countStates(rows: readonly TopRow[]): StateCounts {
  const known = countsOf.get(rows);
  if (known !== undefined) return known;
  const numbers = ranks.map(() => 0);
  for (const row of rows) for (const state of statesOf(row)) numbers[state] = (numbers[state] ?? 0) + 1;
  const counts = ranks
    .map((state, at) => ({ state, count: numbers[at] ?? 0 }))
    .filter(({ count }) => count > 0);
  countsOf.set(rows, counts);
  return counts;
}
