import type { Automation } from "../../../api/types.js";
import type { DeploymentTarget } from "../../../fleet/selection.js";
import { counted } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { formatLocalBriefly, formatLocalDay } from "../../../output/time.js";
import { nameWithDeployment } from "../../../output/value-text.js";

/** Where an automation is that was read. */
export interface SeenDeployment {
  target: DeploymentTarget;
  /** Set where the list is of several. */
  deployment_name: string | undefined;
}

/** An automation that was read. */
export interface SeenAutomation extends SeenDeployment {
  automation: Pick<Automation, "automation_id" | "name">;
  /** The newest start that the API tells of. */
  last_run_at: string | null | undefined;
  /** How many runs it gave. */
  runs: number;
  /** The oldest start; not finite where no run says when. ms since 1970. */
  oldestMs(): number;
}

/** The automations that were there, and those that the selection let through. */
export interface ListedFacts {
  names: string[];
  selected: ListedAutomation[];
}

/** What a list says of an automation, and where it is. */
interface ListedAutomation extends Pick<Automation, "name" | "last_run_at"> {
  target: DeploymentTarget;
  automation_id: string;
}

/**
 * The API gives an automation's newest runs and doesn't say whether there are older ones (20 on the local server). A
 * list shorter than this is taken for all of its runs, and so is one shorter than another of the same server.
 */
const fewestWhenCut = 10;
const mostNamed = 10;

/** An automation of which older runs may be missing. */
interface ShortSeen<Each> {
  seen: Each;
  /** The start of its oldest run that is known; ms since 1970. */
  sinceMs: number;
}

/** The automations of which runs since `from` may be missing, those that are known the shortest first. */
function shortOf<Each extends SeenAutomation>(all: readonly Each[], from: Date): ShortSeen<Each>[] {
  const fewest = all.reduce((most, { runs }) => Math.max(most, runs), fewestWhenCut);
  return all
    .filter(({ runs }) => runs >= fewest)
    .map((seen) => ({ seen, sinceMs: seen.oldestMs() }))
    .filter(({ sinceMs }) => Number.isFinite(sinceMs) && sinceMs > from.getTime())
    .sort((one, other) => other.sinceMs - one.sinceMs);
}

/** Says, for each automation of which older runs may be missing, how far back its runs could be seen. `from`: how far was asked. */
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
 * Says in one line since when all runs are known: on a terminal always, elsewhere where that is less than was asked.
 * Without `from` no time was asked for: only where older ones may be missing.
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
