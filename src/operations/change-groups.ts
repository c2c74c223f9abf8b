import type { FieldName } from "../changes/fields.js";
import { itemKey } from "../fleet/refs.js";
import { groupBy } from "../manifest/group-by.js";
import { counted, limitLines } from "../output/count.js";
import type { RenderOptions } from "../output/printer.js";
import { safe } from "../output/safe.js";
import type { Style } from "../output/style.js";
import { type FromTo, renderChanges, renderTextChange } from "../output/text/diff.js";
import { fold } from "../output/text/fold.js";
import { valueText } from "../output/value-text.js";
import { describeSchedule } from "../schedule/describe.js";
import { readSchedule } from "../schedule/read.js";
import type { NamedItem, Names } from "./rows/names.js";

export interface ShownChange {
  item: NamedItem;
  run_id?: string | undefined;
  sign: "~" | "+" | "-";
  /** `create again`; absent if the symbol is enough. */
  word?: string;
  /** Replaces symbol and word: `✓ updated`. */
  lead?: string;
  changes: Partial<Record<FieldName, FromTo>>;
  notes?: readonly string[];
  /** Number of places where a text is replaced; such changes count as equal, whatever the text around them. */
  places?: number;
}

interface View extends RenderOptions {
  names: Names;
}

const mostGroups = 10;
const mostTextLines = 12;
const mostPlaces = 3;
const indent = "      ";

/** Renders planned changes, showing equal ones once. */
export async function renderChangeGroups(changes: readonly ShownChange[], view: View): Promise<string[]> {
  const groups = [...groupBy(changes, (change) => keyOf(change, view)).values()];
  const shown = view.isVerbose ? groups : groups.slice(0, mostGroups);
  const blocks = await Promise.all(shown.map((group) => renderGroup(group, view)));
  const unshown = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0);
  const more = `  … and ${counted(unshown, "automation")} more: --verbose`;
  return [...blocks.flat(), ...(unshown > 0 ? [fold(more, view.width)] : [])];
}

function keyOf({ item, changes, places = 0, ...others }: ShownChange, { isVerbose }: View): string {
  const { schedule, instructions, ...fields } = changes;
  const text = places > 0 && instructions !== undefined ? "replaced" : instructions;
  const own = isVerbose ? itemKey(item) : "";
  return JSON.stringify([own, others, schedule && [cronOf(schedule.from), schedule.to], text, fields]);
}

/** The canonical cron expression for a schedule; an unreadable schedule is unchanged. */
function cronOf(schedule: unknown): string {
  const text = String(schedule ?? "");
  const reading = readSchedule(text);
  return reading.ok ? reading.cron : text;
}

/** `every day at 09:00 UTC → every day at 08:30 UTC`; empty if neither adds anything to the schedules. */
async function scheduleWords({ from, to }: FromTo, style: Style): Promise<string[]> {
  const [before, after] = [cronOf(from), String(to ?? "")];
  const [one, other] = [await describeSchedule(before), await describeSchedule(after)];
  if (one === before && other === after) return [];
  const isOne = before === "" || after === "";
  const text = isOne ? one || other : style.isInWords ? `was ${one}, now ${other}` : `${one} → ${other}`;
  return [safe(text, "cell")];
}

async function renderGroup(group: readonly ShownChange[], view: View): Promise<string[]> {
  const { style, width } = view;
  const [first] = group;
  if (first === undefined) return [];
  const { instructions, ...short } = first.changes;
  const { schedule } = short;
  const isNew = first.sign === "+";
  const words = schedule === undefined || isNew ? [] : await scheduleWords(schedule, style);
  const spelt = schedule && { schedule: { from: cronOf(schedule.from), to: schedule.to } };
  const fields = isNew
    ? await renderNew(short)
    : await renderChanges({ ...short, ...spelt }, { style, width: width && width - 2 });
  const texts = instructions === undefined ? [] : await renderInstructions(group, view);
  const places = group.reduce((sum, change) => sum + (change.places ?? 0), 0);
  const label = places > 0 ? `instructions  ${counted(places, "place")}` : "instructions";
  return [
    titleOf(first, view.names.groupText(group.map(({ item }) => item)), view),
    ...(first.notes ?? []).map((note) => fold(`    ${safe(note, "cell")}`, width)),
    ...fields.map((each) => `  ${each}`),
    ...words.map((each) => fold(indent + each, width)),
    ...(instructions === undefined ? [] : [`    ${label}`]),
    ...texts.map((each) => indent + each),
  ];
}

async function renderNew({ schedule, ...others }: ShownChange["changes"]): Promise<string[]> {
  const cron = valueText(schedule?.to);
  const words = schedule === undefined ? cron : await describeSchedule(cron);
  const spelt = words === cron ? cron : `${words} (${cron})`;
  const texts = Object.entries(others).map(([field, { to }]) => [field, valueText(to)] as const);
  const fields = schedule === undefined ? texts : [["schedule", spelt] as const, ...texts];
  return fields.map(([field, text]) => `  ${field}  ${safe(text, "cell")}`);
}

function titleOf({ sign, word, lead }: ShownChange, what: string, { style, width }: View): string {
  const said = style.isInWords ? `${word ?? "update"}:` : word === undefined ? sign : `${sign} ${word}:`;
  return style.bold(fold(`${lead ?? said} ${safe(what, "cell")}`, width));
}

async function renderInstructions(
  group: readonly ShownChange[],
  { style, width, isVerbose }: View,
): Promise<string[]> {
  const [first] = group;
  if (first === undefined) return [];
  const linesOf = async ({ sign, changes: { instructions } }: ShownChange) =>
    sign === "+"
      ? safe(valueText(instructions?.to), "block").split("\n")
      : renderTextChange(valueText(instructions?.from ?? ""), valueText(instructions?.to ?? ""), {
          style,
          width: width && width - indent.length,
        });
  const lines = await linesOf(first);
  if (!first.places) return isVerbose ? lines : limitLines(lines, mostTextLines);
  const distinct = new Set(lines);
  // Equal lines are shown once, so only as many changes are examined as are needed to fill the visible lines.
  let looked = 1;
  for (const change of group.slice(1)) {
    if (!isVerbose && distinct.size > mostPlaces) break;
    for (const each of await linesOf(change)) distinct.add(each);
    looked += 1;
  }
  const shown = isVerbose ? [...distinct] : [...distinct].slice(0, mostPlaces);
  const isCut = shown.length < distinct.size || looked < group.length;
  return isCut ? [...shown, "… for the rest, add --verbose"] : shown;
}
