import type { Context } from "../../context.js";
import { exitCodes, QuietExit } from "../../errors.js";
import { itemKey } from "../../fleet/refs.js";
import type { Selection } from "../../fleet/selection.js";
import { type Failures, mayBeFailing } from "../../observe/failures.js";
import { counted } from "../../output/count.js";
import { printList } from "../../output/list.js";
import type { Printer } from "../../output/printer.js";
import { noneIs } from "../selection/why-empty.js";
import { ReadingProgress } from "./progress.js";
import { type ReadFailure, reportUnreadable } from "./read-with-progress.js";
import { type ListedItem, RunsReader, type RunsReading, type Unread } from "./runs-reader.js";

interface FailingOptions<Item> extends Pick<Selection, "failures">, Pick<RunsReading<Item>, "onDetail"> {
  printer: Printer;
  /** Counts only runs since the last change or resume: what was mended gets new ones. */
  isChange?: boolean;
  /** Keys of what is selected anyway. */
  includes?: ReadonlySet<string>;
  /** Keeps what it has read, for the next look. */
  reader?: RunsReader | undefined;
  concurrency?: number | undefined;
  isSilent?: boolean | undefined;
}

export interface SelectedFailing<Item> {
  items: readonly Item[];
  failuresOf(item: Item): Failures | undefined;
  /** What may be failing, and isn't selected since its runs couldn't be read. */
  unreadable: readonly Unread<Item>[];
}

/**
 * Selects what has failed as often in a row as `failures` says, by one GET for each that may be failing, and notes what that
 * leaves open; without `failures` all. Throws the signal's reason.
 */
export async function selectFailing<Item extends ListedItem>(
  context: Context,
  items: readonly Item[],
  {
    failures,
    isChange = false,
    includes = new Set(),
    printer,
    isSilent = false,
    ...options
  }: FailingOptions<Item>,
): Promise<SelectedFailing<Item>> {
  if (failures === undefined) return { items, failuresOf: () => undefined, unreadable: [] };
  const { signal } = context;
  const { concurrency, onDetail, reader = new RunsReader(await context.client()) } = options;
  const isIncluded = (item: Item) => includes.has(itemKey(item));
  const candidates = items.filter((item) => !isIncluded(item) && mayBeFailing(item.automation));
  const progress = new ReadingProgress(context, printer, { isSilent, fewestShown: 2 });
  progress.start("runs", candidates.length);
  const onRead = () => progress.item();
  const read = await reader
    .failures(candidates, { sinceChange: isChange, signal, concurrency, onRead, onDetail })
    .finally(() => progress.finish());
  signal.throwIfAborted();
  const isFailing = (item: Item) => (read.counted.get(item)?.inARow ?? 0) >= failures;
  const all = [...read.counted.values()];
  const tooFew = all.filter(({ areAll, inARow }) => areAll && inARow > 0 && inARow < failures).length;
  const whole = all.filter(({ isSinceChange }) => isChange && !isSinceChange).length;
  const since = isChange ? " since the last change" : "";
  if (tooFew > 0 && !isSilent) {
    const what = counted(tooFew, "automation");
    printer.note(`${what} with fewer than ${failures} runs${since}, all failed: not selected`);
  }
  if (whole > 0)
    printer.note(
      `the API doesn't say when ${counted(whole, "automation")} changed last: all listed runs count`,
    );
  return {
    items: items.filter((item) => isIncluded(item) || isFailing(item)),
    failuresOf: (item) => read.counted.get(item),
    unreadable: read.unreadable,
  };
}

/** Ends the command where nothing fails: with 8 where something couldn't be read, else with 0 in one line. */
export async function endIfNoneFails(
  { settings }: Context,
  printer: Printer,
  {
    failures,
    selected,
    total,
    unreadable,
  }: Pick<Selection, "failures"> & { selected: number; total: number; unreadable: readonly ReadFailure[] },
): Promise<void> {
  if (failures === undefined || selected > 0) return;
  await reportUnreadable(unreadable, { printer, settings, what: "selection" });
  const empty = noneFailsText(failures, total);
  await printList<object>(printer, {
    items: [],
    columns: [],
    json: (row) => row,
    name: () => undefined,
    empty,
  });
  throw new QuietExit(exitCodes.ok);
}

/** `none of the 62 automations has failed 5 times in a row`. Plain text. */
export function noneFailsText(failures: number, total: number): string {
  if (failures === 1) return noneIs(total, "automation", "failing");
  const what = total === 1 ? "the only automation hasn't" : `none of the ${total} automations has`;
  return `${what} failed ${failures} times in a row`;
}

/** `failing 5 times in a row`. Plain text. */
export function failingWord(failures: number): string {
  return failures === 1 ? "failing" : `failing ${failures} times in a row`;
}
