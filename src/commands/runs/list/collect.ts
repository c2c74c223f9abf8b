import type { Automation, AutomationDetail, Run } from "../../../api/types.js";
import type { TimeWindow } from "../../../command-line/time-window.js";
import type { Context } from "../../../context.js";
import type { PartialFailureError } from "../../../errors.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../../fleet/selection.js";
import type { Printer } from "../../../output/printer.js";
import { cacheRuns, mostCachedRuns } from "../../../runs/run-cache.js";
import { oldestStartMs, type RunRow } from "../../../runs/run-row.js";
import {
  ReadingProgress,
  readWithProgress,
  reportUnreadable,
  type Unreadable,
  unreadableAutomation,
  unreadableError,
  warnOfUnreadable,
} from "../../fleet/read-with-progress.js";
import { listAutomations } from "../../targets/resolve-automations.js";
import { checkUnmatched, warnOfUnmatched, withoutUnready } from "../../targets/selection.js";
import type { Newest } from "./newest-first.js";
import type { ListedFacts, SeenAutomation, SeenDeployment } from "./reach.js";

export interface RunRowsOptions {
  selection: Selection;
  targets: readonly DeploymentTarget[];
  printer: Printer;
  /** Called once an answer has set the server's clock; automations that ran last before `since` aren't read. */
  window?: (() => TimeWindow) | undefined;
  /** Automations that can't have one of the newest runs aren't read; the rows may hold others too. */
  newest?: Newest | undefined;
  refusesUnmatched?: boolean;
  /** The automations that refs name, read in place of the targets' lists. */
  automations?: readonly ReadableAutomation[];
  concurrency?: number | undefined;
  isSilent?: boolean | undefined;
}

interface ReadableAutomation extends Pick<Automation, "name" | "last_run_at"> {
  target: DeploymentTarget;
  automation_id: string;
}

export interface Collected {
  seen: SeenAutomation[];
  rows: RunRow[];
  /** True when nothing was skipped as too old, or unreadable. */
  isWhole: boolean;
  facts: ListedFacts;
  /** Call when the rows are printed: throws PartialFailureError if something could not be read. */
  throwFailure(): Promise<void>;
  warnOfFailures(): Promise<void>;
  failure(): PartialFailureError | undefined;
}

/** Reads recent runs, by one GET for each automation that has run. Throws the first error if nothing could be read. */
export async function collectRuns(context: Context, options: RunRowsOptions): Promise<Collected> {
  const { targets, newest, isSilent = false } = options;
  const printer = isSilent ? { ...options.printer, warn: () => undefined } : options.printer;
  const progress = new ReadingProgress(context, printer, { isSilent });
  const listed = await findAutomations(context, { ...options, printer, progress });
  const client = await context.client();
  const isFleet = targets.length > 1;
  const search = newest && (await newestFirst(listed.found, newest, (run) => startedWithin(run, options)));
  const { found, errors } = await readWithProgress(context, search?.automations ?? listed.found, {
    progress,
    stage: "automations",
    until: search?.done,
    concurrency: options.concurrency,
    deploymentOf: ({ target }) => target.deployment_id,
    read: async ({ target, automation_id }, limits) => {
      search?.begin();
      const automation = await client.automations.get(target.deployment_id, automation_id, limits);
      search?.add(automation.recent_runs);
      return seenOf({ target, deployment_name: isFleet ? target.name : undefined }, automation);
    },
  });
  const unreadable = [
    ...listed.errors,
    ...errors.map(({ item: { name, automation_id, target }, error }) =>
      unreadableAutomation(name ?? automation_id, { target, error, isFleet }),
    ),
  ];
  const hasRead = found.length > 0 || (listed.hasRead && errors.length === 0);
  if (unreadable[0] !== undefined && !hasRead) throw unreadable[0].error;
  const reporting = { printer, settings: context.settings };
  const seen = found.map(({ value }) => value);
  const rows = rowsOf(seen, (run) => startedWithin(run, options));
  await remember(context, rows.slice(0, mostCachedRuns));
  return {
    seen,
    rows,
    isWhole: unreadable.length === 0 && found.length === listed.found.length,
    facts: listed.facts,
    warnOfFailures: () => warnOfUnreadable(unreadable, reporting),
    failure: () => unreadableError(unreadable),
    throwFailure: () => reportUnreadable(unreadable, reporting),
  };
}

function seenOf(place: SeenDeployment, automation: AutomationDetail) {
  const { recent_runs: runs, last_run_at } = automation;
  return {
    ...place,
    automation,
    last_run_at: last_run_at ?? runs[0]?.started_at,
    runs: runs.length,
    oldestMs: once(() => oldestStartMs(runs)),
  };
}

async function newestFirst(
  automations: readonly ReadableAutomation[],
  newest: Newest,
  isWithin: (run: Run) => boolean,
) {
  const { NewestFirst } = await import("./newest-first.js");
  return new NewestFirst(automations, { ...newest, fits: (run) => isWithin(run) && newest.fits(run) });
}

/** A run whose start isn't known may have started at any time. */
function startedWithin({ started_at: at }: Run, { window }: Pick<RunRowsOptions, "window">): boolean {
  if (!at || window === undefined) return true;
  const { since, until } = window();
  const startedAt = new Date(at);
  return !(since !== undefined && startedAt < since) && !(until !== undefined && startedAt >= until);
}

async function findAutomations(
  context: Context,
  {
    targets,
    selection,
    window,
    printer,
    refusesUnmatched,
    automations,
    concurrency,
    progress,
  }: RunRowsOptions & { progress: ReadingProgress },
): Promise<{
  found: ReadableAutomation[];
  facts: ListedFacts;
  hasRead: boolean;
  errors: Unreadable[];
}> {
  if (automations !== undefined)
    return { found: [...automations], facts: { names: [], selected: [] }, hasRead: false, errors: [] };
  const isSelected = automationFilter(selection);
  const { found, errors } = await readWithProgress(context, targets, {
    progress,
    stage: "deployments",
    concurrency,
    deploymentOf: ({ deployment_id }) => deployment_id,
    read: ({ deployment_id }, limits) => listAutomations(context, deployment_id, limits),
  });
  const unreadable = withoutUnready(printer, errors, { areSeveral: targets.length > 1 });
  const selected = found.flatMap(({ item: target, value }) =>
    value.filter(isSelected).map(({ automation_id, name, last_run_at }) => ({
      target,
      automation_id,
      name,
      last_run_at,
    })),
  );
  const names = found.flatMap(({ value }) => value.flatMap(({ name }) => name ?? []));
  if (refusesUnmatched !== true) warnOfUnmatched(printer, selection);
  else checkUnmatched(printer, selection, { isReadWhole: errors.length === 0, names });
  return {
    found: selected.filter((each) => mayHaveRun(each, window?.().since)),
    facts: { names, selected },
    hasRead: found.length > 0,
    errors: unreadable.map(({ item, error }) => ({ kind: "deployment", what: item.name, error })),
  };
}

function mayHaveRun({ last_run_at: at }: Pick<Automation, "last_run_at">, since: Date | undefined): boolean {
  if (at === null) return false;
  return at === undefined || since === undefined || Date.parse(at) >= since.getTime();
}

async function remember(context: Context, rows: readonly RunRow[]): Promise<void> {
  const runs = rows.map(({ deployment_id, automation, run }) => ({
    run_id: run.run_id,
    deployment_id,
    automation_id: automation.automation_id,
  }));
  await cacheRuns(context.settings, runs.reverse());
}

/** Reads each start once: a fleet has hundreds of thousands. */
function rowsOf(
  seen: readonly (SeenDeployment & { automation: AutomationDetail })[],
  isWithin: (run: Run) => boolean,
): RunRow[] {
  const timed = seen.flatMap(({ target, automation }) => {
    const { deployment_id, name: deployment_name, customer_id } = target;
    const place = { deployment_id, deployment_name, customer_id };
    return automation.recent_runs
      .filter(isWithin)
      .map((run) => ({ row: { ...place, automation, run }, ms: startMs(run) }));
  });
  return timed.sort((one, other) => other.ms - one.ms).map(({ row }) => row);
}

function startMs({ started_at: at }: Run): number {
  return at ? Date.parse(at) : Number.MAX_SAFE_INTEGER;
}

function once(make: () => number): () => number {
  let made: number | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
