import { itemKey } from "../../../fleet/refs.js";
import { groupBy } from "../../../manifest/group-by.js";
import { counted, firstOf } from "../../../output/count.js";
import { renderChanges } from "../../../output/diff.js";
import { fold } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import { between, type Style } from "../../../output/style.js";
import { renderTextChange } from "../../../output/word-diff.js";
import { messageOf } from "../../../report.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { readSchedule } from "../../../schedule/read.js";
import type { Names } from "../../fleet/names.js";
import { countDeployments } from "../../fleet/rows.js";
import { unreadLines } from "../../fleet/unread-lines.js";
import type { PlannedItem, UpdatePlan } from "./plan.js";
import type { Replacement } from "./replacement.js";
import { changesOf } from "./rows.js";

export interface UpdatePlanView {
  /** Of all that the plan is about. */
  names: Names;
  /** The target, as every plan begins. */
  target: string;
  replacement: Replacement | undefined;
  style: Style;
  /** Of the terminal; undefined: lines of any length. */
  width: number | undefined;
  /** Each automation by itself, and new texts whole. */
  isVerbose: boolean;
}

const mostGroups = 10;
const mostUnread = 20;
const mostTextLines = 12;
const mostPlaces = 3;
const indent = "      ";

/** What an update of many is about to do, for a person: equal changes once; ends with a line end. */
export async function renderUpdatePlan(plan: UpdatePlan, view: UpdatePlanView): Promise<string> {
  const { names, style, width, isVerbose, replacement, target } = view;
  const { toUpdate, unread, unreadable } = plan;
  const line = (text: string) => fold(safe(text, "cell"), width);
  const groups = [...groupBy(toUpdate, (planned) => keyOf(planned, view)).values()];
  const shown = isVerbose ? groups : groups.slice(0, mostGroups);
  const blocks = await Promise.all(shown.map((group) => renderGroup(group, view)));
  const unshown = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0);
  const unreadItems = unread.map(
    ({ item, error }) => `can't be read: ${names.of(item)}: ${messageOf(error)}`,
  );
  const lines = [
    style.bold(line(target)),
    fold(countsText(plan, style), width),
    ...blocks.flat(),
    ...(unshown > 0 ? [line(`  … and ${counted(unshown, "automation")} more: --verbose`)] : []),
    ...(plan.goingOn > 0 && replacement !== undefined ? [line(goingOnText(plan, replacement))] : []),
    ...[...firstOf(unreadItems, mostUnread), ...unreadLines(unreadable, names)].map((each) =>
      style.red(line(each)),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function countsText({ toUpdate, unchanged, left }: UpdatePlan, style: Style): string {
  const places = counted(countDeployments(toUpdate.map(({ item }) => item)), "deployment");
  return [
    toUpdate.length === 0
      ? "nothing to update"
      : `${counted(toUpdate.length, "automation")} to update in ${places}`,
    ...(unchanged.length > 0 ? [`${unchanged.length} unchanged`] : []),
    ...(left.length > 0 ? [`${left.length} left alone`] : []),
  ].join(between(style));
}

/** Done again, a replacement may find more: nobody should take that for finishing the job. */
function goingOnText({ goingOn }: UpdatePlan, { replace }: Replacement): string {
  const will = goingOn === 1 ? "it" : `${goingOn} of them`;
  return `${JSON.stringify(replace)} still stands in ${will} afterwards: done again, this would replace it again`;
}

/** What is one change to a person: a replacement wherever it happens, all else by what was there and what comes. */
function keyOf({ item, ...planned }: PlannedItem, { replacement, isVerbose }: UpdatePlanView): string {
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

async function renderGroup(group: readonly PlannedItem[], view: UpdatePlanView): Promise<string[]> {
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
  { style, width, replacement, isVerbose }: UpdatePlanView,
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
