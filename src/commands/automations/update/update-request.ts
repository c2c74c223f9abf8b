import type { Automation, AutomationFields } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { UsageError } from "../../../errors/cli-errors.js";
import { schedulesEqual } from "../../../schedule/compare.js";
import { readScheduleFlags, type ScheduleToSend } from "../shared/schedule-flags.js";

export interface Replacement {
  replace: string;
  with: string;
}

/** The new values, and conditions that narrow the choice, such as a text that must be there to be replaced. */
export interface UpdateRequest {
  name?: string | undefined;
  schedule?: ScheduleToSend | undefined;
  instructions?: string | undefined;
  replacement?: Replacement | undefined;
  thread?: string | undefined;
  ifSchedule?: ScheduleCondition | undefined;
}

export interface ScheduleCondition {
  given: string;
  /** The schedule as we read it, in UTC, or the text itself if it is unreadable. */
  text: string;
  /** The reason why the text can't be read; if set, only a schedule with the same text matches. */
  refusal?: UsageError;
}

/** The requested fields that differ; two schedules with the same run times count as equal. */
export function differing(before: Automation, request: UpdateRequest): Partial<AutomationFields> {
  const { name, thread, replacement } = request;
  const schedule = request.schedule?.text;
  const present = before.instructions ?? "";
  const instructions =
    replacement === undefined ? request.instructions : (replaceIn(present, replacement)?.text ?? present);
  return {
    ...(name === undefined || name === before.name ? {} : { name }),
    ...(schedule === undefined || schedulesEqual(schedule, before.schedule ?? "") ? {} : { schedule }),
    ...(instructions === undefined || instructions === before.instructions ? {} : { instructions }),
    ...(thread === undefined || thread === before.thread_id ? {} : { thread_id: thread }),
  };
}

/** The field that doesn't match the conditions; undefined if all match. */
export function mismatch(
  automation: Automation,
  { ifSchedule, replacement }: UpdateRequest,
): "schedule" | "instructions" | undefined {
  if (!hasSchedule(automation, ifSchedule)) return "schedule";
  const isFound = replacement === undefined || (automation.instructions ?? "").includes(replacement.replace);
  return isFound ? undefined : "instructions";
}

/** True if every choice is already as requested, not counting those that `--if-schedule` excludes. */
export function isAlreadyApplied(chosen: readonly Automation[], request: UpdateRequest): boolean {
  const condition = request.schedule === undefined ? request.ifSchedule : undefined;
  const meant = chosen.filter((each) => hasSchedule(each, condition));
  return meant.length > 0 && meant.every((each) => isUpToDate(each, request));
}

/** True if each requested field already has its value; false if text was removed, because that leaves no trace. */
export function isUpToDate(present: Automation, request: UpdateRequest): boolean {
  const by = request.replacement?.with;
  const isReplaced = by === undefined || (by.trim() !== "" && present.instructions?.includes(by) === true);
  return isReplaced && Object.keys(differing(present, request)).length === 0;
}

export function hasSchedule({ schedule }: Automation, condition: ScheduleCondition | undefined): boolean {
  return (
    condition === undefined || (typeof schedule === "string" && schedulesEqual(condition.text, schedule))
  );
}

/** Reads `--if-schedule` in the zone of `--tz`. Unreadable text matches only itself; with a zone, throws UsageError. */
export async function readScheduleCondition(
  context: Pick<Context, "now" | "io" | "settings">,
  { ifSchedule: given, tz }: { ifSchedule: string; tz: string | undefined },
): Promise<ScheduleCondition> {
  try {
    return { given, text: (await readScheduleFlags(context, { schedule: given, tz })).text };
  } catch (error) {
    if (!(error instanceof UsageError) || tz !== undefined) throw error;
    return { given, text: given, refusal: error };
  }
}

const mostCharacters = 1024 * 1024;

/**
 * Replaces the old text everywhere, from left to right. If the new text contains the old (`report`, `weekly report`),
 * new text that is already there is kept, so that a repeat changes nothing more. Returns undefined if the old text
 * isn't found. Throws UsageError if the text would grow beyond 1 MiB.
 */
export function replaceIn(
  text: string,
  { replace, with: by }: Replacement,
): { text: string; count: number } | undefined {
  if (!text.includes(replace)) return undefined;
  const parts = (by.includes(replace) ? text.split(by) : [text]).map((part) => part.split(replace));
  const count = parts.reduce((sum, { length }) => sum + length - 1, 0);
  const length = text.length + count * (by.length - replace.length);
  if (length > Math.max(mostCharacters, text.length))
    throw new UsageError("with --replace the instructions would be larger than 1 MiB");
  return { text: parts.map((part) => part.join(by)).join(by), count };
}

/** True if the same replacement could be made again: `aa` with `a` in `aaaa`. */
export function replacesMore(text: string, replacement: Replacement): boolean {
  return (replaceIn(text, replacement)?.count ?? 0) > 0;
}
