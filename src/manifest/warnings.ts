import { frequentText } from "../schedule/frequency.js";
import { readSchedule } from "../schedule/read.js";
import { type ClockHits, clockHits } from "../schedule/zone.js";
import { groupBy } from "./group-by.js";
import type { ItemSchedule } from "./item-schedule.js";
import { excerpt, type FilePosition, inFileOrder, positionText } from "./mistake.js";
import { withoutLastLineEnds } from "./plan/equality.js";
import { moveCron } from "./spread.js";
import type { DesiredItem } from "./state/desired-items.js";
import { anyDeployment, type DesiredState } from "./state/desired-state.js";

/** A likely mistake that can still be applied. */
export interface Warning {
  /**
   * `daylight-saving`, a note: a local time that doesn't exist, or exists twice, on some day; `frequent`: runs less
   * than five minutes apart; `clocks`: no single UTC cron expression at some time of the coming year; `day-or-weekday`:
   * a cron restricts both; `peak`: over 20 runs a minute; `same-text`: one text under two names; `hidden-character`,
   * `key`: in a name or text; `unmatched`, a note: a `for` or `not` names a deployment or customer that doesn't exist.
   */
  kind:
    | "clocks"
    | "daylight-saving"
    | "day-or-weekday"
    | "frequent"
    | "hidden-character"
    | "key"
    | "peak"
    | "same-text"
    | "unmatched";
  text: string;
  position: FilePosition;
}

/** True for mere notes, which no strictness counts. */
export function isNote({ kind }: { kind: string }): boolean {
  return kind === "daylight-saving" || kind === "unmatched";
}

type Found = Warning & {
  isVarying?: boolean;
  /** The names that repeat a text, and its first position. */
  repeats?: { names: readonly string[]; of: string };
};

/** Warnings about each deployment's desired state, each reported once. */
export function warningsOf(states: readonly DesiredState[], now: Date): Warning[] {
  const clocks = new Map<string, string | undefined>();
  const found = states.flatMap(({ desired: { items }, target: { name: deployment } }) =>
    [...items.flatMap((item) => scheduleWarnings(item, { now, clocks })), ...sameTexts(items)].map(
      (warning) => ({ ...warning, deployment }),
    ),
  );
  const alike = groupBy(found, ({ kind, position }) => `${kind} ${positionText(position)}`);
  return inFileOrder([...alike.values()].flatMap(mergeDeployments));
}

/** Merges warnings that differ only in values, and shows the first. */
function mergeDeployments(group: readonly (Found & { deployment: string })[]): Warning[] {
  const [first] = group;
  if (first === undefined) return [];
  const { kind, text, position, deployment, isVarying, repeats } = first;
  if (repeats !== undefined) {
    const names = group.flatMap((each) => each.repeats?.names ?? []);
    return [{ kind, text: repeatsText(names, repeats.of), position }];
  }
  const others = new Set(group.map((each) => each.deployment)).size - 1;
  if (isVarying !== true) return [{ kind, text, position }];
  const isAll = others === 0 || deployment === anyDeployment;
  const more = isAll ? "" : ` and ${others} more deployment${others === 1 ? "" : "s"}`;
  return [{ kind, text: `in ${excerpt(deployment)}${more}: ${text}`, position }];
}

interface Clocks {
  now: Date;
  clocks: Map<string, string | undefined>;
}

function scheduleWarnings({ schedule, template }: DesiredItem, clocks: Clocks): Found[] {
  const { position } = schedule;
  if (position === undefined) return [];
  const isVarying = template?.varying.has("schedule") === true;
  const found = [
    ["daylight-saving", clockText(schedule, clocks)],
    ["clocks", schedule.unfit?.text],
    ["day-or-weekday", dayOrWeekdayText(schedule.text)],
    ["frequent", frequentText(schedule.text)],
  ] as const;
  return found.flatMap(([kind, text]) => (text === undefined ? [] : { kind, text, position, isVarying }));
}

/** In words, a day and a weekday must both match; many expect the same of a cron expression. */
function dayOrWeekdayText(text: string): string | undefined {
  const reading = readSchedule(text);
  if (!reading.ok || reading.kind === "words") return undefined;
  const [minute, hour, day, month, weekday] = reading.cron.split(" ");
  if (day === "*" || weekday === "*") return undefined;
  const two = `"${minute} ${hour} ${day} ${month} *" and "${minute} ${hour} * ${month} ${weekday}"`;
  return `this runs on each of its dates and also on each of its weekdays, like two items: ${two}`;
}

function clockText(
  { text, zone, spreadMinutes = 0 }: ItemSchedule,
  { now, clocks }: Clocks,
): string | undefined {
  if (zone === undefined) return undefined;
  const key = `${zone}\n${spreadMinutes} ${text}`;
  if (clocks.has(key)) return clocks.get(key);
  const reading = readSchedule(text);
  const cron = reading.ok ? moveCron(reading.cron, spreadMinutes) : undefined;
  const says = cron && hitsText(clockHits({ cron, zone, now }), zone);
  clocks.set(key, says);
  return says;
}

/** `daylight saving in Europe/Berlin skips 02:30 on 28 Mar 2027 and doubles it on 31 Oct 2027`. */
function hitsText({ skipped, doubled }: ClockHits, zone: string): string | undefined {
  if (skipped === undefined && doubled === undefined) return undefined;
  const again = skipped?.clock === doubled?.clock ? "it" : doubled?.clock;
  const parts = [
    ...(skipped === undefined ? [] : [`skips ${skipped.clock} on ${skipped.date}`]),
    ...(doubled === undefined ? [] : [`doubles ${again} on ${doubled.date}`]),
  ];
  return `daylight saving in ${excerpt(zone)} ${parts.join(" and ")}`;
}

const mostNamed = 3;

/** Each shared text, at its first repetition; an `id` marks it as intended. */
function sameTexts(items: readonly DesiredItem[]): Found[] {
  const unmarked = items.filter(({ id }) => id === undefined);
  const groups = groupBy(unmarked, ({ instructions }) => withoutLastLineEnds(instructions));
  return [...groups.values()].flatMap(([first, ...others]): Found[] => {
    const repeats = others.filter(({ name }) => name !== first?.name);
    const position = repeats[0]?.position;
    if (first?.position === undefined || position === undefined) return [];
    const { file, line } = first.position;
    const where = file === position.file ? `line ${line}` : `${file}:${line}`;
    const of = `"${excerpt(nameOf(first))}" (${where})`;
    return [{ kind: "same-text", text: "", position, repeats: { names: repeats.map(nameOf), of } }];
  });
}

/** `"B", "D" have the instructions of "A" (line 2)`. */
function repeatsText(repeated: readonly string[], of: string): string {
  const names = [...new Set(repeated)].map((name) => `"${excerpt(name)}"`);
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return `${names.slice(0, mostNamed).join(", ")}${more} ${names.length > 1 ? "have" : "has"} the instructions of ${of}`;
}

function nameOf({ name, template }: DesiredItem): string {
  return template?.varying.has("name") === true ? template.name : name;
}
