import { type GivenTime, loadWindow, type WindowAt } from "../../../command-line/time-window.js";
import type { Context } from "../../../context.js";
import { isOfSeveral, type Selection } from "../../../fleet/selection.js";
import { hasBlocks } from "../../../output/blocks.js";
import { printList, selectColumns, sortRows } from "../../../output/list.js";
import { createPrinter } from "../../../output/printer.js";
import { type CollectedEach, collectEach } from "../list/collect.js";
import { sayHowFar } from "../list/reach.js";
import { targetsOf } from "../list/targets.js";
import { type Counted, countOf } from "./counted.js";
import type { ColumnSetting, StatsView } from "./view.js";

/** What a row can be of. */
export const groupings = ["automation", "deployment", "error"] as const;

/** How far back without `--since`. */
export const usualSince = "30d";

/** The words for `--columns` and `--sort`; which of them there are depends on what a row is of. */
export const statsKeys = [
  ...["name", "deployment", "automations", "runs", "success", "median", "p95", "streak", "last_runs"],
  ...["week", "minutes", "error", "id", "known_since", "failed", "first", "last"],
];

export interface StatsOptions {
  /** Empty: all that the selection lets through. */
  refs: readonly string[];
  selection: Selection;
  since: GivenTime | undefined;
  by: (typeof groupings)[number];
  sort: string | undefined;
  columns: readonly string[] | undefined;
  concurrency: number | undefined;
}

/** Prints what runs come to; throws PartialFailureError where some could not be read. */
export async function printStats(context: Context, options: StatsOptions): Promise<void> {
  const { by } = options;
  if (by === "error") {
    const { errorsView } = await import("./by-error.js");
    return printView(context, options, errorsView);
  }
  const { groupsView } = await import("./groups.js");
  return printView(context, options, groupsView(by));
}

async function printView<Row, Each extends Counted>(
  context: Context,
  options: StatsOptions,
  view: StatsView<Row, Each>,
): Promise<void> {
  const { refs, selection, sort, columns, concurrency } = options;
  const since = options.since ?? { flag: "--since", text: usualSince };
  const printer = await createPrinter(context);
  const chosen = (look: ColumnSetting) => {
    const { shown, more } = view.columns(look);
    return { shown: selectColumns(shown, columns, more), all: [...shown, ...more] };
  };
  const look = { now: context.now(), isFleet: true, hasBlocks: hasBlocks(context.settings) };
  // What can't be read is refused before anything is sent.
  sortRows([], chosen(look).all, sort ?? view.firstKey);
  const windowAt = await loadWindow({ since });
  const where = await targetsOf(context, { refs, selection });
  const isFleet = where.targets.length > 1 || isOfSeveral(selection);
  let asked: ReturnType<typeof timesAt> | undefined;
  const timesNow = () => {
    asked ??= timesAt(context.serverNow(), windowAt);
    return asked;
  };
  const collected = await collectEach(
    context,
    { ...where, selection, window: () => timesNow().window, printer, concurrency },
    (place, automation) => view.see(place, automation, timesNow().times),
  );
  const { now, window, from, times } = timesNow();
  const { seen } = collected;
  const { shown, all } = chosen({ ...look, now, isFleet });
  const rows = view.rows(collected, times);
  await printList<Row>(printer, {
    items: sort === undefined ? rows : sortRows(rows, all, sort),
    columns: shown,
    json: (row) => view.json(row, { isFleet }),
    name: (row) => view.name(row, { isFleet }),
    empty: () => whyEmpty(context, { collected, window, now, match: selection.match, view }),
    total: () => view.total(rows, collected),
  });
  if (countOf(seen) > 0) sayHowFar(printer, { seen, from, now });
  await collected.throwFailure();
}

function timesAt(now: Date, windowAt: WindowAt) {
  const window = windowAt(now);
  const { since: from = now } = window;
  return { now, window, from, times: { sinceMs: from.getTime(), nowMs: now.getTime() } };
}

interface Empty {
  collected: CollectedEach<Counted>;
  window: { since: Date | undefined; until: Date | undefined };
  now: Date;
  match: string | undefined;
  view: Pick<StatsView<never, never>, "none">;
}

async function whyEmpty(
  context: Context,
  { collected: { facts, seen }, window, now, match, view }: Empty,
): Promise<string> {
  const count = countOf(seen);
  if (count > 0) return view.none(count);
  const { whyNoRuns } = await import("../list/why-empty.js");
  return whyNoRuns(context, { facts, seen, window, now, match, statuses: [], count: 0 });
}
