import { itemKey } from "../../../fleet/refs.js";
import { groupBy } from "../../../manifest/group-by.js";
import { counted, firstOf } from "../../../output/count.js";
import { renderChanges } from "../../../output/diff.js";
import { fold } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { renderTextChange } from "../../../output/word-diff.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { readSchedule } from "../../../schedule/read.js";
import type { Names } from "../../fleet/names.js";
import type { Look } from "../../operations/operation.js";
import { changesOf, type PlannedItem, type UpdatePlan } from "./plan.js";
import type { Replacement } from "./replacement.js";

/** What is drawn of an update of many. */
interface UpdateView extends Look {
  /** Of all that the plan is about. */
  names: Names;
  replacement: Replacement | undefined;
}

const mostGroups = 10;
const mostTextLines = 12;
const mostPlaces = 3;
const indent = "      ";

/** What an update of many is about to change, for a person: equal changes once. */
export async function renderUpdates(
  { toUpdate, goingOn }: Pick<UpdatePlan, "toUpdate" | "goingOn">,
  view: UpdateView,
): Promise<string[]> {
  const { width, isVerbose, replacement } = view;
  const line = (text: string) => fold(safe(text, "cell"), width);
  const groups = [...groupBy(toUpdate, (planned) => keyOf(planned, view)).values()];
  const shown = isVerbose ? groups : groups.slice(0, mostGroups);
  const blocks = await Promise.all(shown.map((group) => renderGroup(group, view)));
  const unshown = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0);
  return [
    ...blocks.flat(),
    ...(unshown > 0 ? [line(`  … and ${counted(unshown, "automation")} more: --verbose`)] : []),
    ...(goingOn > 0 && replacement !== undefined ? [line(goingOnText(goingOn, replacement))] : []),
  ];
}

/** Done again, a replacement may find more: nobody should take that for finishing the job. */
function goingOnText(goingOn: number, { replace }: Replacement): string {
  const will = goingOn === 1 ? "it" : `${goingOn} of them`;
  return `${JSON.stringify(replace)} still stands in ${will} afterwards: done again, this would replace it again`;
}

/** What is one change to a person: a replacement wherever it happens, all else by what was there and what comes. */
function keyOf({ item, ...planned }: PlannedItem, { replacement, isVerbose }: UpdateView): string {
  if (isVerbose) return itemKey(item);
  const { schedule, instructions, ...others } = changesOf(planned);
  const isReplaced = replacement !== undefined && instructions !== undefined;
  const scheduleKey = schedule && cronOf(schedule.from);
  return JSON.stringify([scheduleKey, isReplaced ? "replaced" : instructions, others]);
}

/** The one spelling of schedules that mean the same; what can't be read as it is. */
function cronOf(schedule: unknown): string {
  const text = String(schedule ?? "");
  const reading = readSchedule(text);
  return reading.ok ? reading.cron : text;
}

/** `every day at 09:00 UTC → every day at 08:30 UTC`; nothing where neither says more than the schedules do. */
async function scheduleWords({ from, to }: { from: unknown; to: unknown }, style: Style): Promise<string[]> {
  const [before, after] = [cronOf(from), String(to)];
  const [one, other] = [await describeSchedule(before), await describeSchedule(after)];
  if (one === before && other === after) return [];
  const text = style.isInWords ? `was ${one || "none"}, now ${other}` : `${one || "(none)"} → ${other}`;
  return [style.dim(safe(text, "cell"))];
}

async function renderGroup(group: readonly PlannedItem[], view: UpdateView): Promise<string[]> {
  const { style, width, replacement } = view;
  const [first] = group;
  if (first === undefined) return [];
  const { instructions, ...short } = changesOf(first);
  const { schedule } = short;
  const words = schedule === undefined ? [] : await scheduleWords(schedule, style);
  const spelt = schedule && { schedule: { from: cronOf(schedule.from), to: schedule.to } };
  const fields = await renderChanges({ ...short, ...spelt }, { style, width: width && width - 2 });
  const title = `${style.isInWords ? "update:" : "~"} ${safe(view.names.group(group.map(({ item }) => item)), "cell")}`;
  const texts = instructions === undefined ? [] : await renderInstructions(group, view);
  const places = group.reduce((sum, planned) => sum + planned.places, 0);
  const isReplaced = replacement !== undefined && places > 0;
  const label = isReplaced ? `instructions  ${counted(places, "place")}` : "instructions";
  return [
    style.magenta(fold(title, width)),
    ...fields.map((each) => `  ${each}`),
    ...words.map((each) => fold(indent + each, width)),
    ...(instructions === undefined ? [] : [`    ${label}`]),
    ...texts.map((each) => indent + each),
  ];
}

async function renderInstructions(
  group: readonly PlannedItem[],
  { style, width, replacement, isVerbose }: UpdateView,
): Promise<string[]> {
  const options = { style, width: width && width - indent.length };
  const isReplaced = replacement !== undefined;
  const [first] = group;
  if (first === undefined) return [];
  const lines = await linesOf(first, options);
  if (!isReplaced) return isVerbose ? lines : firstOf(lines, mostTextLines);
  const distinct = new Set(lines);
  // Equal lines are one place to a person; some suffice to see what it does.
  let looked = 1;
  for (const planned of group.slice(1)) {
    if (!isVerbose && distinct.size > mostPlaces) break;
    for (const each of await linesOf(planned, options)) distinct.add(each);
    looked += 1;
  }
  const shown = isVerbose ? [...distinct] : [...distinct].slice(0, mostPlaces);
  const isCut = shown.length < distinct.size || looked < group.length;
  return isCut ? [...shown, style.dim("… and so on: --verbose")] : shown;
}

async function linesOf(
  { before, changes }: PlannedItem,
  options: { style: Style; width: number | undefined },
): Promise<string[]> {
  const texts = [before.instructions ?? "", changes.instructions ?? ""] as const;
  return renderTextChange(...texts, options);
}
