import type { Automation, AutomationFields } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { UsageError } from "../../../errors/cli-errors.js";
import { schedulesEqual } from "../../../schedule/compare.js";
import { readScheduleFlags, type ScheduleToSend } from "../shared/schedule-flags.js";

export interface Replacement {
  replace: string;
  with: string;
}

/** The new values, and the conditions that narrow the choice; a text to replace is one too. */
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
  /** Our reading, in UTC; the text itself where it can't be read. */
  text: string;
  /** The reason why it can't be read: then only the same text matches. */
  refusal?: UsageError;
}

/** Requested fields that differ; schedules that run at the same times are equal. */
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

/** The field that doesn't match the conditions; undefined where all do. */
export function mismatch(
  automation: Automation,
  { ifSchedule, replacement }: UpdateRequest,
): "schedule" | "instructions" | undefined {
  if (!hasSchedule(automation, ifSchedule)) return "schedule";
  const isFound = replacement === undefined || (automation.instructions ?? "").includes(replacement.replace);
  return isFound ? undefined : "instructions";
}

/** True when all that was chosen is as requested already, without what conditions on other fields leave out. */
export function isAlreadyApplied(chosen: readonly Automation[], request: UpdateRequest): boolean {
  const condition = request.schedule === undefined ? request.ifSchedule : undefined;
  const meant = chosen.filter((each) => hasSchedule(each, condition));
  return meant.length > 0 && meant.every((each) => isUpToDate(each, request));
}

/** True when each requested field is so already. A text that was removed leaves no trace: that is never known. */
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

/**
 * Reads `--if-schedule`, in the zone of `--tz`. What can't be read matches the same text only; with a zone it is
 * refused (UsageError).
 */
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
 * Replaces the old text everywhere, from left to right. Where the new text holds the old one (`report`, `weekly
 * report`), what already is the new one stays: done again, nothing more is replaced. Undefined where the old text isn't
 * found. Throws UsageError where it would grow beyond 1 MiB.
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

/** True when the same replacement, done once more, would go on: `aa` by `a` in `aaaa`. */
export function replacesMore(text: string, replacement: Replacement): boolean {
  return (replaceIn(text, replacement)?.count ?? 0) > 0;
}
