import type { Automation } from "../../../api/types.js";
import type { DeploymentTarget } from "../../../fleet/selection.js";
import { counted } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { formatLocalBriefly, formatLocalDay } from "../../../output/time.js";
import { nameWithDeployment } from "../../../output/value-text.js";
import type { SelectedAutomation } from "../../fleet/selected-automations.js";

export interface SeenDeployment {
  target: DeploymentTarget;
  deployment_name: string | undefined;
}

export interface SeenAutomation extends SeenDeployment {
  automation: Pick<Automation, "automation_id" | "name">;
  last_run_at: string | null | undefined;
  runs: number;
  /** Milliseconds since 1970; not finite where no run says when. */
  oldestMs(): number;
}

export interface ListedFacts {
  names: string[];
  selected: readonly SelectedAutomation[];
}

/**
 * The API gives an automation's newest runs and doesn't say whether there are older ones (20 on the local server). A
 * list shorter than this is taken for all of its runs, and so is one shorter than another of the same server.
 */
const fewestWhenCut = 10;
const mostNamed = 10;

interface ShortSeen<Each> {
  seen: Each;
  /** Milliseconds since 1970. */
  sinceMs: number;
}

function shortOf<Each extends SeenAutomation>(all: readonly Each[], from: Date): ShortSeen<Each>[] {
  const fewest = all.reduce((most, { runs }) => Math.max(most, runs), fewestWhenCut);
  return all
    .filter(({ runs }) => runs >= fewest)
    .map((seen) => ({ seen, sinceMs: seen.oldestMs() }))
    .filter(({ sinceMs }) => Number.isFinite(sinceMs) && sinceMs > from.getTime())
    .sort((one, other) => other.sinceMs - one.sinceMs);
}

/** Prints how far back the runs of each automation could be seen, where older ones may be missing. */
export function sayReach(
  printer: Printer,
  { seen, from, now }: { seen: readonly SeenAutomation[]; from: Date; now: Date },
): void {
  const short = shortOf(seen, from);
  for (const { seen: each, sinceMs } of short.slice(0, mostNamed)) {
    const name = nameWithDeployment(each.automation.name, each.deployment_name);
    const since = formatLocalBriefly(new Date(sinceMs), now);
    printer.note(`${safe(name, "cell")}: its last ${each.runs} runs, since ${since}`);
  }
  if (short.length > mostNamed) printer.note(`… and ${short.length - mostNamed} more`);
}

/**
 * Prints in one line since when all runs are known: on a terminal always, elsewhere where that is less than was asked.
 */
export function sayHowFar(
  printer: Printer,
  { seen, from, now }: { seen: readonly SeenAutomation[]; from: Date | undefined; now: Date },
): void {
  const short = shortOf(seen, from ?? new Date(0));
  const [shortest] = short;
  if (shortest === undefined) {
    if (printer.isForPerson && from !== undefined)
      printer.note(`all runs since ${formatLocalDay(from, now)}`);
    return;
  }
  const { seen: least, sinceMs } = shortest;
  const which =
    short.length === 1
      ? nameWithDeployment(least.automation.name, least.deployment_name)
      : counted(short.length, "automation");
  const since = formatLocalDay(new Date(sinceMs), now);
  printer.note(`all runs since ${since}; older ones of ${which} may be missing`);
}
