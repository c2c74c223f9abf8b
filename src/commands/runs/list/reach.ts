import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { DeploymentTarget } from "../../../fleet/selection.js";
import { counted } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { formatLocalBriefly, formatLocalDay } from "../../../output/time.js";
import { toldIn } from "../../../output/value-text.js";

/** An automation as it was read, with its recent runs. */
export interface Seen {
  target: DeploymentTarget;
  automation: AutomationDetail;
  /** Set where the list is of several. */
  deploymentName: string | undefined;
}

/** The automations that were there, and those that the selection let through. */
export interface ListedFacts {
  names: string[];
  selected: ListedAutomation[];
}

/** What a list says of an automation, and where it is. */
interface ListedAutomation extends Pick<Automation, "name" | "enabled" | "schedule" | "last_run_at"> {
  target: DeploymentTarget;
  automationId: string;
}

/**
 * The API gives an automation's newest runs and doesn't say whether there are older ones (20 on the local server). A
 * list shorter than this is taken for all of its runs, and so is one shorter than another of the same server.
 */
const fewestWhenCut = 10;
const mostNamed = 10;

/** An automation of which older runs may be missing. */
export interface ShortSeen extends Seen {
  /** The start of its oldest run that is known; ms since 1970. */
  sinceMs: number;
}

/** The automations of which runs since `from` may be missing, those that are known the shortest first. */
export function shortOf(seen: readonly Seen[], from: Date): ShortSeen[] {
  const fewest = seen.reduce(
    (most, { automation }) => Math.max(most, automation.recent_runs.length),
    fewestWhenCut,
  );
  return seen
    .filter(({ automation }) => automation.recent_runs.length >= fewest)
    .map((each) => ({ ...each, sinceMs: oldestMs(each.automation) }))
    .filter(({ sinceMs }) => Number.isFinite(sinceMs) && sinceMs > from.getTime())
    .sort((one, other) => other.sinceMs - one.sinceMs);
}

/** Says, for each automation of which older runs may be missing, how far back its runs could be seen. `from`: how far was asked. */
export function sayReach(
  printer: Printer,
  { seen, from, now }: { seen: readonly Seen[]; from: Date; now: Date },
): void {
  const short = shortOf(seen, from);
  for (const { automation, deploymentName, sinceMs } of short.slice(0, mostNamed)) {
    const name = toldIn(automation.name, deploymentName);
    const since = formatLocalBriefly(new Date(sinceMs), now);
    printer.note(`${safe(name, "cell")}: its last ${automation.recent_runs.length} runs, since ${since}`);
  }
  if (short.length > mostNamed) printer.note(`… and ${short.length - mostNamed} more`);
}

/**
 * Says in one line since when all runs are known: on a terminal always, elsewhere where that is less than was asked.
 * Without `from` no time was asked for: only where older ones may be missing.
 */
export function sayHowFar(
  printer: Printer,
  { seen, from, now }: { seen: readonly Seen[]; from: Date | undefined; now: Date },
): void {
  const short = shortOf(seen, from ?? new Date(0));
  const [shortest] = short;
  if (shortest === undefined) {
    if (printer.isForPerson && from !== undefined)
      printer.note(`all runs since ${formatLocalDay(from, now)}`);
    return;
  }
  const { automation, deploymentName, sinceMs } = shortest;
  const which =
    short.length === 1 ? toldIn(automation.name, deploymentName) : counted(short.length, "automation");
  const since = formatLocalDay(new Date(sinceMs), now);
  printer.note(`all runs since ${since}; older ones of ${which} may be missing`);
}

/** Once it was asked for. */
const oldest = new WeakMap<AutomationDetail, number>();

function oldestMs(automation: AutomationDetail): number {
  const known = oldest.get(automation);
  if (known !== undefined) return known;
  const starts = automation.recent_runs.map((run) => Date.parse(run.started_at ?? ""));
  const ms = Math.min(...starts.filter(Number.isFinite));
  oldest.set(automation, ms);
  return ms;
}
