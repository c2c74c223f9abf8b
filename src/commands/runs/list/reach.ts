import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { formatLocalBriefly } from "../../../output/time.js";
import { told } from "../../../output/value-text.js";

/** An automation as it was read, with its recent runs. */
export interface Seen {
  automation: AutomationDetail;
  /** Set where the list is of several. */
  deploymentName: string | undefined;
}

/** The automations that were there, and those that the selection let through. */
export interface ListedFacts {
  names: string[];
  selected: Pick<Automation, "name" | "last_run_at">[];
}

/**
 * The API gives an automation's newest runs and doesn't say whether there are older ones (20 on the local server). A
 * list shorter than this is taken for all of its runs, and so is one shorter than another of the same server.
 */
const fewestWhenCut = 10;
const mostNamed = 10;

/** Says, for each automation of which older runs may be missing, how far back its runs could be seen. `from`: how far was asked. */
export function sayReach(
  printer: Printer,
  { seen, from, now }: { seen: readonly Seen[]; from: Date; now: Date },
): void {
  const fewest = seen.reduce(
    (most, { automation }) => Math.max(most, automation.recent_runs.length),
    fewestWhenCut,
  );
  const short = seen
    .filter(({ automation }) => automation.recent_runs.length >= fewest)
    .map((each) => ({ ...each, sinceMs: oldestMs(each.automation) }))
    .filter(({ sinceMs }) => Number.isFinite(sinceMs) && sinceMs > from.getTime())
    .sort((one, other) => other.sinceMs - one.sinceMs);
  for (const { automation, deploymentName, sinceMs } of short.slice(0, mostNamed)) {
    const name =
      deploymentName === undefined ? told(automation.name) : `${told(automation.name)} in ${deploymentName}`;
    const since = formatLocalBriefly(new Date(sinceMs), now);
    printer.note(`${safe(name, "cell")}: its last ${automation.recent_runs.length} runs, since ${since}`);
  }
  if (short.length > mostNamed) printer.note(`… and ${short.length - mostNamed} more`);
}

function oldestMs({ recent_runs }: AutomationDetail): number {
  return Math.min(...recent_runs.map((run) => Date.parse(run.started_at ?? "")).filter(Number.isFinite));
}
