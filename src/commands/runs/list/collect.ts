import type { Automation, AutomationDetail, Run } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { PartialFailureError } from "../../../errors.js";
import { isNotReady } from "../../../fleet/readiness.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../../fleet/selection.js";
import type { Printer } from "../../../output/printer.js";
import { mostRemembered, rememberRuns } from "../../../runs/remembered.js";
import type { RunRow } from "../../../runs/run-row.js";
import {
  endUnread,
  type Read,
  ReadingProgress,
  readEach,
  type Unread,
  unreadError,
  warnOfUnread,
} from "../../fleet/reading.js";
import { listAutomations } from "../../targets/automations.js";
import { checkUnfitted, warnOfAllLeftOut, warnOfUnfitted } from "../../targets/selection.js";
import type { Newest } from "./newest-first.js";
import type { ListedFacts, Seen } from "./reach.js";

export interface RunRowsOptions {
  selection: Selection;
  targets: readonly DeploymentTarget[];
  printer: Printer;
  /** Set: runs that started before are left out, and automations that ran last before that aren't read. */
  since?: Date | undefined;
  /** Set: runs that started then or later are left out. */
  until?: Date | undefined;
  /** Set: automations that can't have one of the newest runs aren't read; besides these any may be among the rows. */
  newest?: Newest | undefined;
  /** What fits nothing in `--except` is refused: something is to be sent. */
  refusesUnfitted?: boolean;
  /** These automations instead of all that the selection lets through. */
  automations?: readonly Place[];
  /** How many are read at once. */
  concurrency?: number | undefined;
  /** The runs themselves aren't shown: they aren't remembered. */
  isForNumbers?: boolean;
  /** Something else is on the screen: neither a bar nor a warning is shown. */
  isSilent?: boolean | undefined;
}

interface Place extends Pick<Automation, "name" | "last_run_at"> {
  target: DeploymentTarget;
  automationId: string;
}

export interface Collected {
  /** Newest first, over all deployments; made when they are first asked for. */
  readonly rows: RunRow[];
  /** How many rows there are. */
  count: number;
  /** The automations that were read. */
  seen: Seen[];
  /** Nothing was left out for being older than those that were wanted, or unreadable. */
  isWhole: boolean;
  facts: ListedFacts;
  /** Call when the rows are printed: throws PartialFailureError if something could not be read. */
  throwFailure(): Promise<void>;
  /** Warns of each that could not be read. */
  tellFailures(): Promise<void>;
  /** The same error without a word about what could not be read; undefined if all was. */
  failure(): PartialFailureError | undefined;
}

/**
 * The recent runs of the automations of a selection, read by one GET an automation that has run at all. Throws the first
 * error if nothing could be read.
 */
export async function collectRuns(context: Context, options: RunRowsOptions): Promise<Collected> {
  const { targets, newest, isSilent = false } = options;
  const printer = isSilent ? { ...options.printer, warn: () => undefined } : options.printer;
  const isWithin = (run: Run) => startedWithin(run, options);
  const progress = new ReadingProgress(context, printer, { isSilent });
  const listed = await findPlaces(context, { ...options, printer, progress });
  const client = await context.client();
  const search = newest && (await newestFirst(listed.found, newest, isWithin));
  const read = await readEach(context, search?.places ?? listed.found, {
    progress,
    stage: "automations",
    until: search?.settled,
    concurrency: options.concurrency,
    read: async ({ target, automationId }) => {
      search?.begin();
      const { signal } = context;
      const automation = await client.automations.get(target.deploymentId, automationId, { signal });
      search?.add(automation.recent_runs);
      return automation;
    },
  });
  const isFleet = targets.length > 1;
  let rows: RunRow[] | undefined;
  const madeRows = () => {
    rows ??= rowsOf(read.found, { isFleet, isWithin });
    return rows;
  };
  if (options.isForNumbers !== true) await remember(context, madeRows().slice(0, mostRemembered));
  const unread = read.errors.map(({ item, error }): Unread => {
    const name = item.name ?? item.automationId;
    return { kind: "automation", what: isFleet ? `${item.target.name}/${name}` : name, error };
  });
  const errors = [...listed.errors, ...unread];
  const hasRead = read.found.length > 0 || (listed.hasRead && read.errors.length === 0);
  if (errors[0] !== undefined && !hasRead) throw errors[0].error;
  const seen = read.found.map(({ item, value }) => ({
    target: item.target,
    automation: value,
    deploymentName: isFleet ? item.target.name : undefined,
  }));
  const telling = { printer, settings: context.settings };
  const isWhole = errors.length === 0 && read.found.length === listed.found.length;
  return {
    get rows() {
      return madeRows();
    },
    count: read.found.reduce((sum, { value }) => sum + value.recent_runs.filter(isWithin).length, 0),
    seen,
    isWhole,
    facts: listed.facts,
    tellFailures: () => warnOfUnread(errors, telling),
    failure: () => unreadError(errors),
    throwFailure: () => endUnread(errors, telling),
  };
}

/** Loaded for a limit alone. */
async function newestFirst(places: readonly Place[], newest: Newest, isWithin: (run: Run) => boolean) {
  const { NewestFirst } = await import("./newest-first.js");
  return new NewestFirst(places, { ...newest, fits: (run) => isWithin(run) && newest.fits(run) });
}

/** A run whose start isn't told may have started at any time. */
function startedWithin(
  { started_at: at }: Run,
  { since, until }: Pick<RunRowsOptions, "since" | "until">,
): boolean {
  if (!at) return true;
  const startedAt = new Date(at);
  return !(since !== undefined && startedAt < since) && !(until !== undefined && startedAt >= until);
}

/** Which automations to read: those that the selection lets through and that have run, within `since` if that is set. */
async function findPlaces(
  context: Context,
  {
    targets,
    selection,
    since,
    printer,
    refusesUnfitted,
    automations,
    concurrency,
    progress,
  }: RunRowsOptions & { progress: ReadingProgress },
): Promise<{
  found: Place[];
  facts: ListedFacts;
  hasRead: boolean;
  errors: Unread[];
}> {
  if (automations !== undefined)
    return { found: [...automations], facts: { names: [], selected: [] }, hasRead: false, errors: [] };
  const isSelected = automationFilter(selection);
  const { found, errors } = await readEach(context, targets, {
    progress,
    stage: "deployments",
    concurrency,
    read: ({ deploymentId }) => listAutomations(context, deploymentId),
  });
  const isLeftOut = (error: unknown) => targets.length > 1 && isNotReady(error);
  warnOfAllLeftOut(
    printer,
    errors.filter(({ error }) => isLeftOut(error)).map(({ item }) => item),
  );
  const selected = found.flatMap(({ item: target, value }) =>
    value.filter(isSelected).map(({ automation_id: automationId, name, enabled, schedule, last_run_at }) => ({
      ...{ target, automationId, name, enabled, schedule, last_run_at },
    })),
  );
  const names = found.flatMap(({ value }) => value.flatMap(({ name }) => name ?? []));
  if (refusesUnfitted !== true) warnOfUnfitted(printer, selection);
  else checkUnfitted(printer, selection, { isReadWhole: errors.length === 0, names });
  return {
    found: selected.filter((each) => mayHaveRun(each, since)),
    facts: { names, selected },
    hasRead: found.length > 0,
    errors: errors
      .filter(({ error }) => !isLeftOut(error))
      .map(({ item, error }) => ({ kind: "deployment", what: item.name, error })),
  };
}

/** `null`: it never ran. Absent: the server doesn't say. */
function mayHaveRun({ last_run_at: at }: Pick<Automation, "last_run_at">, since: Date | undefined): boolean {
  if (at === null) return false;
  return at === undefined || since === undefined || Date.parse(at) >= since.getTime();
}

async function remember(context: Context, rows: readonly RunRow[]): Promise<void> {
  const runs = rows.map(({ deploymentId, automation, run }) => ({
    run_id: run.run_id,
    deployment_id: deploymentId,
    automation_id: automation.automation_id,
  }));
  await rememberRuns(context.settings, runs.reverse());
}

/** Newest first. Each start is read once: a fleet has hundreds of thousands. */
function rowsOf(
  found: Read<Place, AutomationDetail>["found"],
  { isFleet, isWithin }: { isFleet: boolean; isWithin(run: Run): boolean },
): RunRow[] {
  const timed = found.flatMap(({ item: { target }, value: automation }) => {
    const { deploymentId, name: deploymentName } = target;
    const place = { deploymentId, deploymentName, customerId: isFleet ? target.customerId : undefined };
    return automation.recent_runs
      .filter(isWithin)
      .map((run) => ({ row: { ...place, automation, run }, ms: startMs(run) }));
  });
  return timed.sort((one, other) => other.ms - one.ms).map(({ row }) => row);
}

/** A run whose start isn't told may have started just now. */
function startMs({ started_at: at }: Run): number {
  return at ? Date.parse(at) : Number.MAX_SAFE_INTEGER;
}
