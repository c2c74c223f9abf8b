import { scheduleForm } from "../schedule/equal.js";
import type { Desired, DesiredItem } from "./desired.js";
import type { ItemSchedule } from "./item-schedule.js";
import { candidates, match } from "./match.js";
import type { ActualAutomation, PlanItem } from "./plan-item.js";
import { isSameSchedule, isSameText } from "./same.js";
import { spreadSchedule } from "./spread.js";

/**
 * Automations that fire at the times of an item that isn't there yet: they have to be read whole before it is created,
 * since it may be one of them under another name. What the manifest names counts where it is paused, perhaps by an incident.
 */
export function mayLookAlike(desired: Desired, actual: readonly ActualAutomation[]): ActualAutomation[] {
  const { found } = match(desired, actual);
  const missing = desired.items.filter((item) => !found.has(item));
  if (missing.length === 0) return [];
  const schedules = new Set(
    missing.map(({ schedule }) => scheduleForm(schedule.ok ? schedule.cron : schedule.text)),
  );
  const spread = alikeSpreadOnce(missing);
  const firesAlike = (automation: ActualAutomation) =>
    schedules.has(scheduleForm(automation.schedule)) ||
    spread.some((item) => isSameSchedule(underName(item, automation), automation));
  const named = new Set(candidates(desired, actual));
  const isGuessing = desired.recorded === undefined;
  return actual.filter(
    (automation) => ((isGuessing && !named.has(automation)) || !automation.enabled) && firesAlike(automation),
  );
}

/** Of those that are spread alike, one. */
function alikeSpreadOnce(items: readonly DesiredItem[]): DesiredItem[] {
  const spread = items.flatMap((item) => {
    const { schedule, windowMinutes } = item.spread ?? {};
    return schedule?.ok === true ? [[`${windowMinutes} ${schedule.cron}`, item] as const] : [];
  });
  return [...new Map(spread).values()];
}

/** An item as it would be with another's name, which spread goes by: that of a rename is another minute. */
function underName(
  { schedule, spread }: DesiredItem,
  { name }: ActualAutomation,
): { schedule: ItemSchedule } {
  return { schedule: spread === undefined ? schedule : spreadSchedule(spread, name) };
}

interface There {
  actual: readonly ActualAutomation[];
  /** Those that the manifest doesn't name. */
  unnamed: readonly ActualAutomation[];
  /** What an open incident has to do with an automation: `held by INC-42`. */
  whyHeld?(automation: ActualAutomation): string | undefined;
}

/** Why an item must not be created. */
export type LookAlike = Required<Pick<PlanItem, "error" | "alike">>;

/**
 * Finds what an item would be made beside although it is the same, by schedule and instructions: what an incident holds
 * paused would fire under another name, and what the manifest doesn't name is probably the item before a rename that
 * was taken back. An `id` says of the latter that it isn't.
 */
export function lookAlikeOf(item: DesiredItem, { actual, unnamed, whyHeld }: There): LookAlike | undefined {
  const isSame = (automation: ActualAutomation) =>
    isSameSchedule(underName(item, automation), automation) &&
    isSameText(item.instructions, automation.instructions);
  for (const automation of actual) {
    const held = whyHeld?.(automation);
    if (held === undefined || !isSame(automation)) continue;
    return besideHeld(automation, held);
  }
  const automation = item.id !== undefined ? undefined : unnamed.find(isSame);
  if (automation === undefined) return undefined;
  const text = (called: string) => `looks renamed from ${called}; formerly: or id: in the file decides`;
  return errorOf(automation, text);
}

/** `"Weekly" (auto_1), held by INC-42, is the same: nothing is created beside it`, with and without the id. */
export function besideHeld(automation: Named, held: string): { error: string; alike: string } {
  return errorOf(automation, (called) => `${called}, ${held}, is the same: nothing is created beside it`);
}

type Named = Pick<ActualAutomation, "name" | "automation_id">;

function errorOf({ name, automation_id }: Named, text: (called: string) => string) {
  return { error: text(`"${name}" (${automation_id})`), alike: text(`"${name}"`) };
}
