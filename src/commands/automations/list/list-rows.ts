import type { Automation, Page } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { answeredLately, automationPages } from "../../../fleet/lists.js";
import { isNotReady } from "../../../fleet/outcome.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../../fleet/selection.js";
import type { ReadFailure } from "../../../operations/rows/progress.js";
import { warnOfAllSkipped } from "../../../operations/selection/selection-flags.js";
import { sortRows } from "../../../output/print-list.js";
import type { Printer } from "../../../output/printer.js";
import type { Column } from "../../../output/render-table.js";
import { dash } from "../../../output/value-text.js";
import { waitingRuns } from "../../../runs/state.js";
import type { AutomationRow } from "../shared/automation-columns.js";
import { loadIncidentBadges } from "../shared/incident-badges.js";
import type { OverdueQuestion } from "../shared/overdue.js";
import type { EarlierRows } from "./earlier-rows.js";

interface ReadOptions {
  targets: readonly DeploymentTarget[];
  printer: Printer;
  inWords: boolean;
  /** True if every page is needed, so that the next one is requested while this one is printed. */
  readsAhead: boolean;
  soFar: ReadSoFar;
  earlier?: EarlierRows | undefined;
}

/** The facts known so far in one read. */
export interface ReadSoFar {
  isAtEnd: boolean;
  /** Number of matching rows; undefined until known. */
  total: number | undefined;
  listed: number;
  selected: number;
  /** The names of the listed automations; no longer needed once one is selected. */
  names: string[];
  unreadable: ReadFailure[];
  /** Number of paused automations that may have run. */
  mayHaveRun: number;
}

export function nothingRead(): ReadSoFar {
  const none = { listed: 0, selected: 0, names: [], unreadable: [], mayHaveRun: 0 };
  return { isAtEnd: false, total: undefined, ...none };
}

/**
 * Yields a single deployment page by page; several are yielded one at a time, with prefetching. Notes an unreadable
 * deployment in `soFar`; throws if all are unreadable, or if the key is refused.
 */
export async function* readPages(
  context: Context,
  { targets, printer, inWords, readsAhead, soFar, earlier }: ReadOptions,
): AsyncGenerator<AutomationRow[]> {
  const client = await context.client();
  const toRows = await loadRows(context, {
    inWords,
    // An entry without an id can't be listed among ids.
    withInvalid: printer.format.isNamesOnly !== true,
  });
  const [only] = targets;
  if (only !== undefined && targets.length === 1) {
    if ((await answeredLately(client, only.deployment_id)).length > 0) {
      soFar.isAtEnd = true;
      const { listCurrentAutomations } = await import("../../../fleet/read-fleet.js");
      yield toRows(
        only,
        await listCurrentAutomations(client, only.deployment_id, { signal: context.signal }),
      );
      return;
    }
    const reading = { signal: context.signal, prefetch: readsAhead };
    for await (const page of automationPages(client, only.deployment_id, reading)) {
      soFar.isAtEnd = page.next_cursor === null;
      yield toRows(only, page);
    }
    return;
  }
  const [{ listCurrentAutomations }, { prefetch }, { readOneOfMany }] = await Promise.all([
    import("../../../fleet/read-fleet.js"),
    import("../../../fleet/prefetch.js"),
    import("../../../fleet/silent-deployments.js"),
  ]);
  const readOne = readOneOfMany(context, client);
  const read = ({ deployment_id }: DeploymentTarget, signal: AbortSignal) =>
    listCurrentAutomations(client, deployment_id, { signal, readOne });
  const readings = prefetch(targets, read, context.signal);
  let hasRead = false;
  const unready: DeploymentTarget[] = [];
  for await (const { item: target, result } of readings) {
    soFar.isAtEnd = target === targets.at(-1);
    if (result.status === "fulfilled") {
      hasRead = true;
      const rows = await toRows(target, result.value);
      earlier?.save(target.deployment_id, rows);
      yield rows;
    } else if (isNotReady(result.reason)) {
      unready.push(target);
    } else {
      const { stopsOf } = await import("../../../fleet/outcome.js");
      if (context.signal.aborted || stopsOf(result.reason) === "everything") throw result.reason;
      soFar.unreadable.push({ kind: "deployment", what: target.name, error: result.reason });
      if (earlier !== undefined) yield earlier.recall(target.deployment_id);
    }
  }
  warnOfAllSkipped(printer, unready);
  if (!hasRead && soFar.unreadable[0] !== undefined) throw soFar.unreadable[0].error;
}

/** Adds incident badges and, for people, schedules in words. `withInvalid`: adds rows for entries without an id. */
export async function loadRows(
  context: Context,
  { inWords, withInvalid }: Pick<ReadOptions, "inWords"> & { withInvalid: boolean },
): Promise<(target: DeploymentTarget, listed: AutomationPage) => Promise<AutomationRow[]>> {
  const badgesOf = await loadIncidentBadges(context);
  const describe = inWords ? await (await import("./schedule-words.js")).describeEach() : undefined;
  return async (target, { data: automations, invalid = [] }) => {
    const words = await describe?.(automations.flatMap(({ schedule }) => schedule ?? []));
    // Set here rather than during printing, because copying each row would take a tenth of the time for a long list.
    for (const automation of automations) automation.deployment_id ??= target.deployment_id;
    const { deployment_id, name: deployment_name, customer_id } = target;
    const place = { deployment_id, deployment_name, customer_id };
    const rows = automations.map((automation) => ({
      automation,
      ...place,
      held: badgesOf(deployment_id, automation)[0],
      ...words?.get(automation.schedule ?? ""),
    }));
    if (!withInvalid) return rows;
    const nameless = { automation_id: dash };
    const others = invalid.map(
      (entry): AutomationRow => ({ automation: nameless, ...place, invalid: { entry } }),
    );
    return [...rows, ...others];
  };
}

type AutomationPage = Pick<Page<Automation>, "data" | "invalid">;

export interface RowFilters {
  selection: Selection;
  enabled?: boolean;
  /** Any one of these is enough, as are the selection's failures. Even a paused automation may be failing. */
  waiting: boolean;
  unexpected: boolean;
  overdue: boolean;
  limit?: number;
  sort?: string;
}

export interface Finders {
  /** If requested, finds the time since which each automation has been overdue. */
  dueMsOf?(question: OverdueQuestion): Promise<number | undefined>;
  /** If requested, finds automations that are failing, or that ran while paused. */
  findByRuns?(rows: readonly AutomationRow[], soFar: ReadSoFar): Promise<ReadonlySet<AutomationRow>>;
}

/** Filters, sorts and then limits; without a sort, passes pages on as they arrive. */
export async function* arrangePages(
  pages: AsyncIterable<AutomationRow[]>,
  filters: RowFilters & Finders,
  soFar: ReadSoFar,
  columns: readonly Column<AutomationRow>[] = [],
): AsyncGenerator<AutomationRow[]> {
  const { sort, limit = Number.POSITIVE_INFINITY } = filters;
  const filtered = filterPages(pages, filters, soFar);
  if (sort !== undefined) {
    const all = await allOf(filtered);
    soFar.total = all.length;
    yield sortRows(all, columns, sort).slice(0, filters.limit);
    return;
  }
  let remaining = limit;
  for await (const rows of filtered) {
    if (rows.length >= remaining) {
      if (soFar.isAtEnd) soFar.total = limit - remaining + rows.length;
      yield rows.slice(0, remaining);
      return;
    }
    remaining -= rows.length;
    yield rows;
  }
}

async function* filterPages(
  pages: AsyncIterable<AutomationRow[]>,
  filters: RowFilters & Finders,
  soFar: ReadSoFar,
): AsyncGenerator<AutomationRow[]> {
  const { selection, enabled } = filters;
  const isSelected = automationFilter(selection);
  // These run together, because each needs a request.
  const asked = filters.findByRuns === undefined ? pages : [await allOf(pages)];
  for await (const rows of asked) {
    const selected = rows.filter(({ automation }) => isSelected(automation));
    soFar.listed += rows.length;
    soFar.selected += selected.length;
    if (soFar.selected === 0) soFar.names.push(...rows.map(({ automation }) => automation.name ?? ""));
    const rest =
      enabled === undefined ? selected : selected.filter(({ automation }) => automation.enabled === enabled);
    const found = await filters.findByRuns?.(rest, soFar);
    // Set here, like `deployment_id`, to avoid copying each row.
    for (const row of rest) row.dueMs = await filters.dueMsOf?.(row);
    yield rest.filter(problemFilter(filters, found));
  }
}

async function allOf(pages: AsyncIterable<AutomationRow[]>): Promise<AutomationRow[]> {
  const all: AutomationRow[] = [];
  for await (const rows of pages) all.push(...rows);
  return all;
}

function problemFilter(
  { waiting, overdue }: RowFilters,
  found: ReadonlySet<AutomationRow> | undefined,
): (row: AutomationRow) => boolean {
  if (found === undefined && !(waiting || overdue)) return () => true;
  return (row) =>
    found?.has(row) === true ||
    (waiting && waitingRuns(row.automation, row.runs) > 0) ||
    (overdue && row.dueMs !== undefined);
}
