import { msOf } from "../../../api/schema.js";
import type { Automation, AutomationDetail, Run } from "../../../api/types.js";
import type { TimeWindow } from "../../../command-line/time-window.js";
import type { Context } from "../../../context/context.js";
import type { DeploymentTarget, Selection } from "../../../fleet/selection.js";
import {
  type ReadFailure,
  ReadingProgress,
  readWithProgress,
  unreadableAutomation,
} from "../../../operations/rows/progress.js";
import {
  type AutomationSources,
  listSelected,
  mayHaveRun,
  type SelectedAutomation,
  type SelectionListing,
} from "../../../operations/selection/selected-automations.js";
import { checkUnmatched, warnOfUnmatched } from "../../../operations/selection/selection-flags.js";
import type { Printer } from "../../../output/printer.js";
import { cacheRuns, mostCachedRuns } from "../../../runs/find.js";
import type { RunRow } from "../../../runs/run-row.js";
import type { ListedFacts, SeenAutomation } from "./runs-reach.js";

interface RunRowsOptions extends AutomationSources {
  selection: Selection;
  printer: Printer;
  /** Called once, after a response has set the server's clock. Automations that last ran before `since` are skipped. */
  window?: (() => TimeWindow) | undefined;
  /** If set, automations that can't have any of the newest runs are skipped; a few other rows may remain. */
  newest?: Newest | undefined;
  refusesUnmatched?: boolean;
  isSilent?: boolean | undefined;
}

interface CollectedRuns {
  seen: SeenAutomation[];
  rows: RunRow[];
  /** True if no run was left out as too old or unreadable. */
  isComplete: boolean;
  facts: ListedFacts;
  unreadable: readonly ReadFailure[];
}

/** Reads recent runs, with one GET for each automation that has run. Throws the first error if every read failed. */
export async function collectRuns(context: Context, options: RunRowsOptions): Promise<CollectedRuns> {
  const { targets, selection, newest, window, isSilent = false } = options;
  const printer = isSilent ? { ...options.printer, warn: () => undefined } : options.printer;
  const progress = new ReadingProgress(context, printer, { isSilent });
  const listed = await listBriefly(context, { ...options, printer, progress });
  const { automations: selected, names, isReadWhole } = listed;
  if (options.refusesUnmatched) checkUnmatched(printer, selection, { isReadWhole, names });
  else if (options.named === undefined) warnOfUnmatched(printer, selection);
  const mayHaveRows =
    options.named ??
    selected.filter(({ listed: each }) => each === undefined || mayHaveRun(each, window?.().since));
  // A run whose start is unknown may have started at any time.
  const isWithin = (ms: number | undefined) => {
    const { since, until } = window?.() ?? {};
    if (ms === undefined) return true;
    return ms >= (since?.getTime() ?? ms) && (until === undefined || ms < until.getTime());
  };
  const client = await context.client();
  const isFleet = targets.length > 1;
  const search =
    newest &&
    newestFirst(mayHaveRows, {
      ...newest,
      fits: (run) => isWithin(msOf(run.started_at)) && newest.fits(run),
    });
  const { found, errors } = await readWithProgress(context, search?.automations ?? mayHaveRows, {
    progress,
    stage: "automations",
    until: search?.done,
    read: async ({ deployment_id, automation_id, target }, limits) => {
      search?.begin();
      const automation = await client.automations.get(deployment_id, automation_id, limits);
      search?.add(automation.recent_runs);
      return { ...seenOf(target, automation), deployment_name: isFleet ? target.name : undefined };
    },
  });
  const unreadable: ReadFailure[] = [
    ...listed.unreadable,
    ...errors.map(({ item, error }) => {
      const { listed: known, target } = item;
      const candidate = { ...item, deployment_name: target.name, name: known?.name };
      return unreadableAutomation(candidate, { error, isFleet });
    }),
  ];
  const hasRead = found.length > 0 || (listed.hasRead && errors.length === 0);
  if (unreadable[0] !== undefined && !hasRead) throw unreadable[0].error;
  const seen = found.map(({ value }) => value);
  const rows = seen
    .flatMap(({ runs }) => runs.filter(({ ms }) => isWithin(ms)))
    .sort((one, other) => (other.ms ?? startsFirst) - (one.ms ?? startsFirst))
    .map(({ row }) => row);
  await remember(context, rows.slice(0, mostCachedRuns));
  return {
    seen,
    rows,
    isComplete: unreadable.length === 0 && found.length === mayHaveRows.length,
    facts: { names, selected },
    unreadable,
  };
}

/** Lists the selection and keeps only the fields needed later, because the instructions of a whole fleet are large. */
async function listBriefly(
  context: Context,
  options: Parameters<typeof listSelected>[1],
): Promise<SelectionListing> {
  const { automations, ...listed } = await listSelected(context, options);
  const brief = ({ automation_id, name, last_run_at }: Automation) => ({ automation_id, name, last_run_at });
  return {
    ...listed,
    automations: automations.map((each) => ({ ...each, listed: each.listed && brief(each.listed) })),
  };
}

const startsFirst = Number.MAX_SAFE_INTEGER;

/** A run, and its start in ms since 1970. */
interface TimedRun {
  row: RunRow;
  ms: number | undefined;
}

/** Parses each start only once, because a fleet has hundreds of thousands. */
function seenOf(target: DeploymentTarget, read: AutomationDetail) {
  const { deployment_id, name: deployment_name, customer_id } = target;
  const { automation_id, name, thread_id, last_run_at, recent_runs } = read;
  const automation = { automation_id, name, thread_id };
  const place = { deployment_id, deployment_name, customer_id, automation };
  const runs = recent_runs.map((run): TimedRun => {
    return { row: { ...place, run }, ms: msOf(run.started_at) };
  });
  return {
    ...place,
    last_run_at: last_run_at ?? recent_runs[0]?.started_at,
    runs,
    oldestMs: Math.min(...runs.map(({ ms = Number.POSITIVE_INFINITY }) => ms)),
  };
}

async function remember(context: Context, rows: readonly RunRow[]): Promise<void> {
  const runs = rows.map(({ deployment_id, automation, run }) => ({
    run_id: run.run_id,
    deployment_id,
    automation_id: automation.automation_id,
  }));
  await cacheRuns(context.settings, runs.reverse());
}

interface Newest {
  limit: number;
  fits(run: Run): boolean;
}

/** Orders automations by their last runs: one that last ran before the oldest run in the list can't add any to it. */
function newestFirst(automations: readonly SelectedAutomation[], { limit, fits }: Newest) {
  // Automations whose last run has no time come first, then those that ran most recently.
  const ordered = automations.toSorted((one, other) => ranLastMs(other) - ranLastMs(one) || 0);
  const done = new AbortController();
  let begun = 0;
  /** When the newest runs started, in ms since 1970, newest first; at most `limit`. */
  let starts: number[] = [];
  return {
    automations: ordered,
    /** Aborts once no remaining automation can have one of the newest runs. */
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

function ranLastMs({ listed }: SelectedAutomation): number {
  return msOf(listed?.last_run_at) ?? Number.POSITIVE_INFINITY;
}
