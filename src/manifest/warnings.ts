import { type ClockHits, clockHits } from "../schedule/clock-changes.js";
import { readSchedule } from "../schedule/read.js";
import { groupBy } from "./group-by.js";
import type { ItemSchedule } from "./item-schedule.js";
import { excerpt, type FilePosition, inFileOrder, positionText } from "./mistake.js";
import { withoutLastLineEnds } from "./plan/equality.js";
import { moveCron } from "./spread.js";
import type { DesiredItem, DesiredItems } from "./state/desired-items.js";
import type { DesiredState } from "./state/desired-state.js";

/** Something that can be applied and is probably not meant. */
export interface Warning {
  /**
   * `never-runs`: a date that no year has; `daylight-saving`: a local time that some day lacks or has twice; `peak`:
   * over 20 in one minute; `same-text`: one text under two names.
   */
  kind: "never-runs" | "daylight-saving" | "peak" | "same-text";
  text: string;
  position: FilePosition;
}

type Found = Warning & { isVarying?: boolean; repeat?: { name: string; of: string } };

export function warningsOf(states: readonly DesiredState[], now: Date): Warning[] {
  const odd = new WarningCollector(now);
  for (const state of states) odd.check(state);
  return odd.warnings;
}

/** Collects warnings about the desired state of each deployment, equal ones of several once. Pure. */
export class WarningCollector {
  readonly #known = new Map<DesiredItems, readonly Found[]>();
  readonly #clocks = new Map<string, string | undefined>();
  readonly #found: Positioned[] = [];

  constructor(private readonly now: Date) {}

  check({ desired, target: { name } }: DesiredState): void {
    const { items } = desired;
    const warnings = this.#known.get(desired) ?? [
      ...items.flatMap((item) => scheduleWarnings(item, { now: this.now, clocks: this.#clocks })),
      ...sameTexts(items),
    ];
    this.#known.set(desired, warnings);
    for (const warning of warnings) this.#found.push({ ...warning, deployment: name });
  }

  get warnings(): Warning[] {
    const alike = groupBy(this.#found, ({ kind, position }) => `${kind} ${positionText(position)}`);
    return inFileOrder(mergeSameTexts([...alike.values()].flatMap(mergeDeployments)));
  }
}

const mostNamed = 3;

/** Merges warnings of one text into one, at the first that repeats it: a file may have hundreds. */
function mergeSameTexts(warnings: readonly Found[]): Warning[] {
  const groups = groupBy([...warnings.entries()], ([at, { repeat }]) => repeat?.of ?? `${at}`);
  return [...groups.values()].flatMap((group) => {
    const found = inFileOrder(group.map(([, warning]) => warning));
    const [first] = found;
    if (first === undefined) return [];
    const { kind, position, repeat } = first;
    return [{ kind, position, text: repeat === undefined ? first.text : repeatsText(found, repeat.of) }];
  });
}

function repeatsText(repeats: readonly Found[], of: string): string {
  const names = [...new Set(repeats.map(({ repeat }) => `"${excerpt(repeat?.name ?? "")}"`))];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  const have = names.length > 1 ? "have" : "has";
  return `${names.slice(0, mostNamed).join(", ")}${more} ${have} the instructions of ${of}`;
}

type Positioned = Found & { deployment: string };

/** Merges warnings that values make differ, shown by the first. */
function mergeDeployments(group: readonly Positioned[]): Found[] {
  const [first] = group;
  if (first === undefined) return [];
  const { kind, text, position, deployment, isVarying, repeat } = first;
  const others = new Set(group.map((each) => each.deployment)).size - 1;
  if (isVarying !== true) return [{ kind, text, position, repeat }];
  const more = others === 0 ? "" : ` and ${others} more deployment${others === 1 ? "" : "s"}`;
  return [{ kind, text: `in ${excerpt(deployment)}${more}: ${text}`, position }];
}

interface Clocks {
  now: Date;
  clocks: Map<string, string | undefined>;
}

function scheduleWarnings({ schedule, template, dstOk }: DesiredItem, clocks: Clocks): Found[] {
  const { position, text } = schedule;
  const isVarying = template?.varying.has("schedule") === true;
  if (position === undefined) return [];
  if (!schedule.ok) {
    const { never } = schedule;
    if (never === undefined) return [];
    const says = `the schedule "${excerpt(text)}" never runs: ${never}`;
    return [{ kind: "never-runs", text: says, position, isVarying }];
  }
  const says = dstOk === true ? undefined : clockText(schedule, clocks);
  return says === undefined ? [] : [{ kind: "daylight-saving", text: says, position, isVarying }];
}

function clockText(
  schedule: Extract<ItemSchedule, { ok: true }>,
  { now, clocks }: Clocks,
): string | undefined {
  const { text, zone, spreadMinutes = 0 } = schedule;
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

/** Every repetition of a text under another name; an `id` says that it is meant. */
function sameTexts(items: readonly DesiredItem[]): Found[] {
  const unmarked = items.filter(({ id }) => id === undefined);
  const groups = groupBy(unmarked, ({ instructions }) => withoutLastLineEnds(instructions));
  return [...groups.values()].flatMap(([first, ...others]) =>
    others.flatMap((item): Found[] => {
      if (first?.position === undefined || item.position === undefined || item.name === first.name) return [];
      const { file, line } = first.position;
      const where = file === item.position.file ? `line ${line}` : `${file}:${line}`;
      const repeat = { name: nameOf(item), of: `"${excerpt(nameOf(first))}" (${where})` };
      return [{ kind: "same-text", text: "", position: item.position, repeat }];
    }),
  );
}

function nameOf({ name, template }: DesiredItem): string {
  return template?.varying.has("name") === true ? template.name : name;
}
