import { lastRunsText } from "../../../operations/rows/reach.js";
import type { SelectedAutomation } from "../../../operations/selection/selected-automations.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { fold } from "../../../output/text/fold.js";
import { formatLocalBriefly } from "../../../output/time.js";
import { nameWithDeployment } from "../../../output/value-text.js";
import type { RunRow } from "../../../runs/run-row.js";

export interface SeenAutomation extends Pick<RunRow, "deployment_id" | "automation"> {
  /** The name; undefined if only one deployment was read. */
  deployment_name: string | undefined;
  last_run_at: string | null | undefined;
  runs: readonly unknown[];
  /** Milliseconds since 1970; not finite if no start time is known. */
  oldestMs: number;
}

export interface ListedFacts {
  names: string[];
  selected: readonly SelectedAutomation[];
}

/**
 * The API returns the newest runs of an automation (20 on the local server), and doesn't say whether there are more. A
 * list counts as complete if it is shorter than this, or than another list from the same server.
 */
const fewestWhenCut = 10;

function shortOf(all: readonly SeenAutomation[], from: Date): SeenAutomation[] {
  const fewest = all.reduce((most, { runs }) => Math.max(most, runs.length), fewestWhenCut);
  return all
    .filter(({ runs }) => runs.length >= fewest)
    .filter(({ oldestMs }) => Number.isFinite(oldestMs) && oldestMs > from.getTime())
    .sort((one, other) => other.oldestMs - one.oldestMs);
}

/** Prints how far back runs are visible, if there may be older ones. */
export function printReach(
  printer: Printer,
  { seen, from, now }: { seen: readonly SeenAutomation[]; from: Date; now: Date },
): void {
  const [least, ...others] = shortOf(seen, from);
  if (least === undefined) return;
  const name = nameWithDeployment(least.automation.name, least.deployment_name);
  const known = { runs: least.runs.length, from: formatLocalBriefly(new Date(least.oldestMs), now) };
  const text = lastRunsText(name, { ...known, others: others.length });
  printer.note(fold(safe(text, "cell"), printer.errRenderOptions.width));
}
