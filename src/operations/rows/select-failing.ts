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
import { type ReadFailure, reportUnreadable, unreadableAutomation } from "./read-with-progress.js";
import { type ListedItem, RunsReader, type RunsReading, type Unread } from "./runs-reader.js";

interface FailingOptions<Item>
  extends Pick<Selection, "failures">,
    Partial<Pick<RunsReading<Item>, "onDetail" | "concurrency">> {
  printer: Printer;
  isFleet: boolean;
  /** Counts only runs since the last change or resume: what was mended gets new ones. */
  isChange?: boolean | undefined;
  /** Keys of what is selected anyway. */
  includes?: ReadonlySet<string> | undefined;
  /** Keeps what it has read, for the next look. */
  reader?: RunsReader;
  isSilent?: boolean | undefined;
  /** Ends the command where nothing fails: with 8 where these or some runs couldn't be read, else with 0 in one line. */
  unlisted?: readonly ReadFailure[] | undefined;
}

export interface SelectedFailing<Item> {
  items: readonly Item[];
  failuresOf(item: Item): Failures | undefined;
  /** What may be failing, and isn't selected since its runs couldn't be read. */
  unreadable: readonly (Unread<Item> & ReadFailure)[];
}

/**
 * Selects what has failed as often in a row as `failures` says, by one GET for each that may be failing, and notes what that
 * leaves open; without `failures` all. Throws the signal's reason, and QuietExit or PartialFailureError by `unlisted`.
 */
export async function selectFailing<Item extends ListedItem>(
  context: Context,
  items: readonly Item[],
  options: FailingOptions<Item>,
): Promise<SelectedFailing<Item>> {
  const { failures, isChange = false, includes, printer, isFleet, isSilent = false, unlisted } = options;
  if (failures === undefined) return { items, failuresOf: () => undefined, unreadable: [] };
  const { signal } = context;
  const { concurrency, onDetail, reader = new RunsReader(await context.client()) } = options;
  const isIncluded = (item: Item) => includes?.has(itemKey(item)) === true;
  const candidates = items.filter((item) => !isIncluded(item) && mayBeFailing(item.automation));
  const progress = new ReadingProgress(context, printer, { isSilent, fewestShown: 2 });
  progress.start("runs", candidates.length);
  const onRead = () => progress.item();
  const read = await reader
    .failures(candidates, {
      sinceChange: isChange,
      nowMs: context.serverNow().getTime(),
      signal,
      concurrency,
      onRead,
      onDetail,
    })
    .finally(() => progress.finish());
  signal.throwIfAborted();
  if (!isSilent) noteLeftOpen(printer, [...read.counted.values()], { failures, isChange });
  const failuresOf = (item: Item) => read.counted.get(item);
  const selected = items.filter((item) => isIncluded(item) || (failuresOf(item)?.inARow ?? 0) >= failures);
  const unreadable = read.unreadable.map(({ item, error }) => {
    return { item, ...unreadableAutomation(item, { error, isFleet }) };
  });
  if (unlisted !== undefined && items.length > 0 && selected.length === 0) {
    const { settings } = context;
    await reportUnreadable([...unlisted, ...unreadable], { printer, settings, what: "selection" });
    await printNone(printer, noneFailsText(failures, items.length, isChange));
  }
  return { items: selected, failuresOf, unreadable };
}

function noteLeftOpen(
  printer: Printer,
  read: readonly (Failures & { isSinceChange: boolean })[],
  { failures, isChange }: { failures: number; isChange: boolean },
): void {
  const tooFew = read.filter(({ areAll, inARow }) => areAll && inARow > 0 && inARow < failures).length;
  const whole = isChange ? read.filter(({ isSinceChange }) => !isSinceChange).length : 0;
  const since = isChange ? " since the last change" : "";
  const [few, all] = [tooFew, whole].map((count) => counted(count, "automation"));
  if (tooFew > 0) printer.note(`${few} with fewer than ${failures} runs${since}, all failed: not selected`);
  if (whole > 0) printer.warn(`the API doesn't say when ${all} changed last: all listed runs count`);
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
export function noneFailsText(failures: number, total: number, isChange = false): string {
  if (failures === 1 && !isChange) return noneIs(total, "automation", "failing");
  const what = total === 1 ? "the only automation hasn't" : `none of the ${total} automations has`;
  const times = failures === 1 ? "" : ` ${failures} times in a row`;
  return `${what} failed${times}${isChange ? " since its last change" : ""}`;
}

/** `failing 5 times in a row`. Plain text. */
export function failingWord(failures: number): string {
  return failures === 1 ? "failing" : `failing ${failures} times in a row`;
}
