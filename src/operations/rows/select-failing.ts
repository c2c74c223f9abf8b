import type { Context } from "../../context/context.js";
import { exitCodes, QuietExit } from "../../errors/cli-errors.js";
import { itemKey } from "../../fleet/refs.js";
import type { Selection } from "../../fleet/selection.js";
import { counted } from "../../output/count.js";
import { printList } from "../../output/print-list.js";
import type { Printer } from "../../output/printer.js";
import { formatLocalBriefly } from "../../output/time.js";
import { type Failures, failuresInARow, mayBeFailing } from "../../runs/failures.js";
import type { LastEdit } from "../../runs/last-edit.js";
import { allAre, noneIs } from "../selection/why-empty.js";
import { type ReadFailure, ReadingProgress, reportUnreadable, unreadableAutomation } from "./progress.js";
import {
  type ListedItem,
  type RecentRuns,
  RunsReader,
  type RunsReading,
  type Unread,
} from "./runs-reader.js";

interface FailingOptions<Item>
  extends Pick<Selection, "failures">,
    Partial<Pick<RunsReading<Item>, "onDetail" | "concurrency">> {
  printer: Printer;
  isFleet: boolean;
  /** Counts only runs since the last resume or lasting edit, so that a repaired automation starts over. */
  isChange?: boolean | undefined;
  skipsPaused?: boolean | undefined;
  /** Keys of automations that are selected even if they aren't failing. */
  includes?: ReadonlySet<string> | undefined;
  reader?: RunsReader;
  isSilent?: boolean | undefined;
  /**
   * Ends the command if none is failing: with 8 if these or some runs couldn't be read, or else with 0 and one line.
   */
  unlisted?: readonly ReadFailure[] | undefined;
}

interface SelectedFailing<Item> {
  items: readonly Item[];
  failuresOf(item: Item): Failures | undefined;
  /** Automations that may be failing, but aren't selected because their runs couldn't be read. */
  unreadable: readonly (Unread<Item> & ReadFailure)[];
}

/**
 * Selects automations with at least `failures` consecutive failures, with one GET for each candidate; without
 * `failures`, all. Throws the signal's reason, and QuietExit or PartialFailureError, depending on `unlisted`.
 */
export async function selectFailing<Item extends ListedItem>(
  context: Context,
  items: readonly Item[],
  options: FailingOptions<Item>,
): Promise<SelectedFailing<Item>> {
  const { failures, isChange = false, includes, printer, isFleet, isSilent = false, unlisted } = options;
  const { skipsPaused = false } = options;
  if (failures === undefined) return { items, failuresOf: () => undefined, unreadable: [] };
  const { signal } = context;
  const { concurrency, onDetail, reader = new RunsReader(await context.client()) } = options;
  const isIncluded = (item: Item) => includes?.has(itemKey(item)) === true;
  const isAsked = ({ automation }: Item) => !(skipsPaused && automation.enabled === false);
  const asked = items.filter((item) => isIncluded(item) || isAsked(item));
  const listedMs = context.serverNow().getTime();
  const candidates = asked.filter((item) => !isIncluded(item) && mayBeFailing(item.automation, listedMs));
  const progress = new ReadingProgress(context, printer, { isSilent, fewestShown: 2 });
  progress.start("runs", candidates.length);
  const onRead = () => progress.item();
  const { read, unreadable: unread } = await reader
    .recentRuns(candidates, { signal, concurrency, onRead, onDetail })
    .finally(() => progress.finish());
  signal.throwIfAborted();
  const now = context.serverNow();
  const counts = await countFailures(context, read, { failures, isChange, nowMs: now.getTime() });
  const before = textsOfBefore([...counts.values()], { failures, now });
  if (!isSilent) noteLeftOpen(printer, [...counts.values()], { failures, isChange });
  const failuresOf = (item: Item) => counts.get(item);
  const selected = asked.filter((item) => isIncluded(item) || (failuresOf(item)?.inARow ?? 0) >= failures);
  const unreadable = unread.map(({ item, error }) => {
    return { item, ...unreadableAutomation(item, { error, isFleet }) };
  });
  if (unlisted !== undefined && items.length > 0 && selected.length === 0) {
    const { settings } = context;
    await reportUnreadable([...unlisted, ...unreadable], { printer, settings, what: "selection" });
    const isOfEnabled = asked.length < items.length;
    const none = noneFailsText(failures, asked.length, { isChange, isOfEnabled });
    const why = asked.length === 0 ? allAre(items.length, "paused already") : none;
    await printNone(printer, before.join("\n") || why);
  }
  if (!isSilent) for (const text of before) printer.note(text);
  return { items: selected, failuresOf, unreadable };
}

interface CountedFailures extends Failures {
  /** The edit from which its runs are counted; undefined if all listed runs count. */
  since: LastEdit | undefined;
  /** True if it failed often enough, but not since that edit. */
  isBefore: boolean;
}

/** Counts failures; before a change, those since the last lasting edit or resume, which may be in the history. */
async function countFailures<Item extends ListedItem>(
  context: Context,
  read: ReadonlyMap<Item, RecentRuns>,
  { failures, isChange, nowMs }: { failures: number; isChange: boolean; nowMs: number },
): Promise<ReadonlyMap<Item, CountedFailures>> {
  const counts = new Map<Item, CountedFailures>();
  // Without it, a command that only reads starts faster.
  const edits = isChange ? await import("../../runs/last-edit.js") : undefined;
  const reader = isChange ? await import("../sending/read-recent.js") : undefined;
  let changesOf: Awaited<ReturnType<NonNullable<typeof reader>["readChangesHere"]>> | undefined;
  for (const [item, { runs, ...stamp }] of read) {
    const all = failuresInARow(runs, { nowMs });
    const isEnough = all.inARow >= failures;
    if (isEnough) changesOf ??= await reader?.readChangesHere(context, { ofIncidents: true });
    const current = { ...item.automation, ...stamp };
    const since = edits?.lastEdit(current, (isEnough && changesOf?.(item)) || []);
    const counted = since === undefined ? all : failuresInARow(runs, { nowMs, afterMs: since.atMs });
    counts.set(item, { ...counted, since, isBefore: isEnough && counted.inARow < failures });
  }
  return counts;
}

/** `2 failed 3 times, but before they were resumed (22:40): not selected`, `1 failed, but before its last change: …`. */
function textsOfBefore(
  counts: readonly CountedFailures[],
  { failures, now }: { failures: number; now: Date },
): string[] {
  const edits = counts.flatMap(({ since, isBefore }) => (isBefore && since !== undefined ? [since] : []));
  const resumed = edits.filter(({ isResume }) => isResume);
  const times = new Set(resumed.map(({ atMs }) => formatLocalBriefly(new Date(atMs), now)));
  const when = times.size === 1 ? ` (${[...times].join()})` : "";
  const text = (count: number, before: string) =>
    count === 0
      ? []
      : [`${count} failed${failures === 1 ? "" : ` ${failures} times`}, but before ${before}: not selected`];
  const changed = edits.length - resumed.length;
  return [
    ...text(resumed.length, `${resumed.length === 1 ? "it was" : "they were"} resumed${when}`),
    ...text(changed, `${changed === 1 ? "its" : "their"} last change`),
  ];
}

function noteLeftOpen(
  printer: Printer,
  counts: readonly CountedFailures[],
  { failures, isChange }: { failures: number; isChange: boolean },
): void {
  const few = counts.filter(
    ({ areAll, inARow, isBefore }) => areAll && inARow > 0 && inARow < failures && !isBefore,
  );
  const whole = isChange ? counts.filter(({ since }) => since === undefined) : [];
  const since = isChange ? " since the last change" : "";
  const [fewText, wholeText] = [few, whole].map(({ length }) => counted(length, "automation"));
  if (few.length > 0)
    printer.note(`${fewText} with fewer than ${failures} runs${since}, all failed: not selected`);
  if (whole.length > 0)
    printer.warn(`the API doesn't say when ${wholeText} last changed, so all listed runs count`);
}

async function printNone(printer: Printer, empty: string): Promise<never> {
  await printList<never>(printer, {
    items: [],
    columns: [],
    json: (row) => row,
    name: () => undefined,
    empty,
  });
  throw new QuietExit(exitCodes.ok);
}

/** `none of the 62 automations has failed 5 times in a row`; for a change `since its last change`. Plain text. */
export function noneFailsText(
  failures: number,
  total: number,
  { isChange = false, isOfEnabled = false } = {},
): string {
  if (failures === 1 && !isChange) return noneIs(total, "automation", "failing");
  const noun = isOfEnabled ? "enabled automation" : "automation";
  const what = total === 1 ? `the only ${noun} hasn't` : `none of the ${total} ${noun}s has`;
  const times = failures === 1 ? "" : ` ${failures} times in a row`;
  return `${what} failed${times}${isChange ? " since its last change" : ""}`;
}

/** `failing 5 times in a row`. Plain text. */
export function failingWord(failures: number): string {
  return failures === 1 ? "failing" : `failing ${failures} times in a row`;
}
