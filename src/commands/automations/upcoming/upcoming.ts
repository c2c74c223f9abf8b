/** The command `upcoming`, which merges the due times of many schedules. */

import { declareCommand, requestCodes } from "../../../command/declaration.js";
import { duration } from "../../../command/flags.js";
import type { Context } from "../../../context/context.js";
import { itemKey } from "../../../fleet/refs.js";
import { isOfSeveral, type Selection } from "../../../fleet/selection.js";
import { groupBy } from "../../../manifest/group-by.js";
import { resolveDeployments } from "../../../operations/selection/resolve.js";
import {
  readSelection,
  selectionFlags,
  warnOfUnmatched,
} from "../../../operations/selection/selection-flags.js";
import { column, deploymentColumn, idColumn, nameColumn, pipedFields } from "../../../output/columns.js";
import { counted } from "../../../output/count.js";
import { printList } from "../../../output/print-list.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { type Column, tableLines } from "../../../output/render-table.js";
import { factSeparator, type Style } from "../../../output/style.js";
import { formatLocal, formatRfc3339, relative } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import { nextTimes } from "../../../schedule/cron-times.js";
import { readSchedule } from "../../../schedule/read.js";
import { arrangePages, nothingRead, type ReadSoFar, readPages } from "../list/list-rows.js";
import { runsFinder } from "../list/runs-filter.js";
import type { AutomationRow } from "../shared/automation-columns.js";

/** Maximum rows, so that they fit on a terminal with 24 lines. */
const mostRows = 20;

/** An automation with more runs than this in the window appears only once. */
const mostShown = 12;

const columns: Column<Occurrence>[] = [
  column("at", (row) => formatRfc3339(row.at), {}),
  nameColumn((row) => textOrDash(row.automation.name)),
  deploymentColumn(),
  idColumn((row) => row.automation.automation_id),
  column("source", (row) => (row.isEstimated ? "estimated" : "server"), {}),
];

export const command = declareCommand({
  effect: "reads",
  flags: {
    within: duration("how far to look ahead", { usual: "24h" }),
    ...selectionFlags,
  },
  help: {
    about: "Show what runs next, across deployments, in time order.",
    use: "Check it before a deploy, maintenance or a pause. Each automation's first time comes from the server; later ones are herm's estimates, marked ≈.",
    inPipe: pipedFields(columns),
    exitCodes: requestCodes({ 8: "some deployments could not be read" }),
    examples: ["herm automations upcoming", "herm automations upcoming --within 6h --all-deployments"],
  },
  /** Throws PartialFailureError if some reads failed. */
  async run(context, input): Promise<void> {
    const selection = readSelection(context, input);
    const printer = await createPrinter(context);
    const soFar = nothingRead();
    const rows = await readEnabled(context, { selection, printer, soFar });
    const now = context.serverNow();
    const until = new Date(now.getTime() + input.within);
    const occurrences = mergeTimes(
      rows.map((row) => timesOf(row, { nextTimes: nextTimesOf(row), now })),
      until,
    );
    const isFleet = isOfSeveral(selection);
    const empty = async () =>
      (await import("./why-upcoming-empty.js")).whyNothingFires(rows, soFar, { selection, now });
    await printTimes(printer, { occurrences, now, isFleet, empty });
    if (soFar.unreadable.length === 0) return;
    const { reportUnreadable } = await import("../../../operations/rows/progress.js");
    await reportUnreadable(soFar.unreadable, { printer, settings: context.settings });
  },
});

async function readEnabled(
  context: Context,
  { selection, printer, soFar }: { selection: Selection; printer: Printer; soFar: ReadSoFar },
): Promise<AutomationRow[]> {
  const targets = await resolveDeployments(context, selection);
  const pages = readPages(context, { targets, printer, inWords: false, readsAhead: true, soFar });
  const isFleet = targets.length > 1;
  const asked = { selection, waiting: false, overdue: false, unexpected: false };
  const isByRuns = selection.failures !== undefined;
  const findByRuns = isByRuns ? await runsFinder(context, { ...asked, printer, isFleet }) : undefined;
  const enabled: AutomationRow[] = [];
  for await (const rows of arrangePages(pages, { ...asked, findByRuns }, soFar))
    enabled.push(...rows.filter(({ automation }) => automation.enabled !== false));
  warnOfUnmatched(printer, selection);
  return enabled;
}

function nextTimesOf({ automation }: AutomationRow) {
  const reading = readSchedule(automation.schedule ?? "");
  return reading.ok ? (from: Date, count: number) => nextTimes(reading.cron, from, count) : undefined;
}

interface Times {
  occurrences: Iterable<Occurrence>;
  now: Date;
  isFleet: boolean;
  empty(): Promise<string>;
}

async function printTimes(printer: Printer, { occurrences, now, isFleet, empty }: Times): Promise<void> {
  if (printer.isForPerson) {
    const shown = groupFrequent(occurrences, mostShown);
    const { style, columns } = printer;
    const rows = groupOccurrences(shown);
    const later = rows.length - mostRows;
    printer.out(await renderTimeline(rows.slice(0, mostRows), { now, style, columns, isFleet }));
    if (later > 0) printer.out(`${indent}… ${later} more: -o json\n`);
    const isEstimated = !style.isInWords && shown.some((row) => row.isEstimated);
    const facts = [totalText(shown), ...(isEstimated ? ["≈ estimated by herm"] : [])];
    return printer.note(shown.length === 0 ? await empty() : facts.join(factSeparator(style)));
  }
  await printList<Occurrence>(printer, {
    items: occurrences,
    columns,
    json: occurrenceJson,
    name: (row) => row.automation.automation_id,
    deploymentOf: isFleet ? (row) => row : undefined,
    empty,
  });
}

function totalText(occurrences: readonly Occurrence[]): string {
  const runs = occurrences.reduce((sum, { more = 0 }) => sum + 1 + more, 0);
  return `${counted(runs, "run")} of ${counted(new Set(occurrences.map(occurrenceKey)).size, "automation")}`;
}

function occurrenceJson(row: Occurrence): object {
  return {
    at: formatRfc3339(row.at),
    deployment_id: row.deployment_id,
    automation_id: row.automation.automation_id,
    name: row.automation.name ?? null,
    estimated: row.isEstimated,
  };
}

interface TimelineOptions {
  now: Date;
  style: Style;
  columns: number;
  isFleet: boolean;
}

const indent = "  ";

/** Adds a heading above each local day; `≈` marks times that herm estimates. */
async function renderTimeline(occurrences: readonly Occurrence[], options: TimelineOptions): Promise<string> {
  const { style, columns } = options;
  const rows = await tableLines(occurrences, timelineColumns(options), {
    width: columns - indent.length,
    style,
  });
  let lastDay = "";
  const lines = occurrences.flatMap(({ at }, index) => {
    const { day, offset } = localParts(at);
    const heading = `${style.bold(day)} ${offset}`;
    const above = day === lastDay ? [] : lastDay === "" ? [heading] : ["", heading];
    lastDay = day;
    return [...above, `${indent}${rows[index]}`];
  });
  return lines.map((line) => `${line}\n`).join("");
}

function timelineColumns({ now, isFleet }: TimelineOptions): Column<Occurrence>[] {
  const columns: Column<Occurrence>[] = [
    column("at", ({ at, isEstimated }) => `${localParts(at).clock}${isEstimated ? " ≈" : ""}`, {
      inWords: ({ at, isEstimated }) => `${isEstimated ? "about " : ""}${localParts(at).clock}`,
    }),
    // Dropped before the deployment's column, because `at` also contains this time.
    column("in", ({ at }) => relative(at, now), { steps: { [isFleet ? 9 : 11]: "hidden" } }),
    nameColumn(({ automation }) => textOrDash(automation.name), { steps: { 1: 40, 5: 17, 10: 11, 13: 1 } }),
    ...(isFleet ? [placeColumn] : []),
    idColumn(({ automation, deployments }) => (deployments === undefined ? automation.automation_id : ""), {
      steps: { [isFleet ? 4 : 6]: "hidden" },
    }),
    column("more", ({ more }) => (more === undefined ? "" : `and ${more} more runs`), {
      steps: { 3: ({ more }) => (more === undefined ? "" : `+${more}`), 8: "hidden" },
    }),
  ];
  return columns.map((each) => ({ ...each, title: "" }));
}

const placeColumn = deploymentColumn<Occurrence>({
  cell: ({ deployment_name, deployment_id, deployments }) =>
    deployments === undefined ? (deployment_name ?? deployment_id) : counted(deployments, "deployment"),
  steps: { 2: 40, 7: 14, 11: 10, 12: "hidden" },
});

function localParts(at: Date): { day: string; clock: string; offset: string } {
  const words = formatLocal(at).split(" ");
  return { day: words.slice(0, -2).join(" "), clock: words.at(-2) ?? "", offset: words.at(-1) ?? "" };
}

export interface Occurrence extends AutomationRow {
  at: Date;
  isEstimated: boolean;
  /** The number of further runs in the window that this row represents. */
  more?: number;
  deployments?: number;
}

/** Merges sources by time. Keeps only one value from each in memory, because a busy fleet has far too many times. */
export function* mergeTimes(sources: readonly Iterator<Occurrence>[], until: Date): Generator<Occurrence> {
  const heads = sources.flatMap((source, order) => headOf(source, order, until)).sort(byTime);
  for (let head = heads.shift(); head !== undefined; head = heads.shift()) {
    yield head.occurrence;
    const [next] = headOf(head.source, head.order, until);
    if (next !== undefined) heads.splice(indexFor(next, heads), 0, next);
  }
}

interface Head {
  occurrence: Occurrence;
  source: Iterator<Occurrence>;
  order: number;
}

function headOf(source: Iterator<Occurrence>, order: number, until: Date): Head[] {
  const next = source.next();
  return next.done === true || next.value.at > until ? [] : [{ occurrence: next.value, source, order }];
}

function byTime(one: Head, other: Head): number {
  return one.occurrence.at.getTime() - other.occurrence.at.getTime() || one.order - other.order;
}

function indexFor(head: Head, heads: readonly Head[]): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = heads[middle];
    if (other !== undefined && byTime(other, head) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Yields the server's next time, then our estimates after `now`. A server time in the past is overdue. */
export function* timesOf(
  base: AutomationRow,
  { nextTimes, now }: { nextTimes: ((from: Date, count: number) => Date[]) | undefined; now: Date },
): Generator<Occurrence> {
  if (!base.automation.next_run_at) return;
  const next = new Date(base.automation.next_run_at);
  yield { ...base, at: next, isEstimated: false };
  let last = next < now ? now : next;
  while (nextTimes !== undefined) {
    const times = nextTimes(last, 32);
    for (const at of times) yield { ...base, at, isEstimated: true };
    const [final] = times.slice(-1);
    if (final === undefined) return;
    last = final;
  }
}

/** If an automation has more than `mostShown` runs, shows it once, with the number of its other runs. */
export function groupFrequent(occurrences: Iterable<Occurrence>, mostShown: number): Occurrence[] {
  const all = [...occurrences];
  const groups = groupBy(all, occurrenceKey);
  return all.flatMap((occurrence) => {
    const group = groups.get(occurrenceKey(occurrence)) ?? [];
    if (group.length <= mostShown) return occurrence;
    return occurrence === group[0] ? { ...occurrence, more: group.length - 1 } : [];
  });
}

function occurrenceKey({ deployment_id, automation }: Occurrence): string {
  return itemKey({ deployment_id, automation_id: automation.automation_id });
}

/** Groups automations with the same names and times across deployments. */
export function groupOccurrences(occurrences: readonly Occurrence[]): Occurrence[] {
  const groups = groupBy(occurrences, ({ at, automation, isEstimated, more }) =>
    JSON.stringify([at, automation.name, isEstimated, more]),
  );
  return [...groups.values()].flatMap((group) => {
    const deployments = new Set(group.map(({ deployment_id }) => deployment_id)).size;
    return deployments === 1 ? group : group.slice(0, 1).map((first) => ({ ...first, deployments }));
  });
}
