import type { Automation, AutomationFields } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { schedulesEqual } from "../../../schedule/equal.js";
import { checkInstructions } from "../shared/instructions-flags.js";
import { readScheduleFlags, type ScheduleToSend } from "../shared/schedule-flags.js";
import { type Replacement, replaceIn } from "./replacement.js";

/** What an automation is to become; what isn't named stays. */
export interface UpdateRequest {
  name?: string | undefined;
  schedule?: ScheduleToSend | undefined;
  instructions?: string | undefined;
  /** In the instructions that it has. */
  replacement?: Replacement | undefined;
  thread?: string | undefined;
}

/** What an automation has to be to be changed at all. */
export interface Conditions {
  /** A schedule that means the same. */
  schedule?: ScheduleCondition | undefined;
  /** Instructions that hold this. */
  instructions?: string | undefined;
  /** And these, to be replaced. */
  replacement?: Replacement | undefined;
}

export interface ScheduleCondition {
  /** As it was given. */
  given: string;
  /** Our reading, in UTC; the text itself where it can't be read. */
  text: string;
  /** Why it can't be read: then only the same text fits. */
  refusal?: UsageError;
}

/** The wanted fields that aren't so already; two schedules that fire at the same times are equal. */
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

/** The field by which an automation isn't as the conditions want it; undefined where it is. */
export function mismatch(
  { schedule, instructions }: Pick<Automation, "schedule" | "instructions">,
  conditions: Conditions,
): "schedule" | "instructions" | undefined {
  if (!hasSchedule(schedule, conditions)) return "schedule";
  const texts = [conditions.instructions, conditions.replacement?.replace];
  const present = instructions ?? "";
  return texts.every((text) => text === undefined || present.includes(text)) ? undefined : "instructions";
}

/** Whether all that was chosen is as wanted already. What the conditions on other fields leave out wasn't chosen. */
export function isDoneAgain(
  chosen: readonly Automation[],
  { conditions, request }: { conditions: Conditions; request: UpdateRequest },
): boolean {
  const others: Conditions = {
    schedule: request.schedule === undefined ? conditions.schedule : undefined,
    instructions: request.instructions === undefined ? conditions.instructions : undefined,
  };
  const meant = chosen.filter((each) => mismatch(each, others) === undefined);
  return meant.length > 0 && meant.every((each) => isUpToDate(each, request));
}

/** Whether each wanted field is so already. Of a text that was taken away nothing tells: that is never known. */
export function isUpToDate(present: Automation, request: UpdateRequest): boolean {
  const by = request.replacement?.with;
  const isReplaced = by === undefined || (by.trim() !== "" && present.instructions?.includes(by) === true);
  return isReplaced && Object.keys(differing(present, request)).length === 0;
}

/** The part of it that a list tells. */
export function hasSchedule(present: string | null | undefined, { schedule }: Conditions): boolean {
  return schedule === undefined || (typeof present === "string" && schedulesEqual(schedule.text, present));
}

/** Throws UsageError where a replacement would leave what can't be instructions; `what` names the automation. */
export function checkReplaced(
  context: Pick<Context, "settings">,
  changes: Partial<AutomationFields>,
  what: string,
): void {
  if (changes.instructions !== undefined)
    checkInstructions(context, changes.instructions, `of ${what}, with --replace`);
}

/**
 * Reads `--if-schedule`, in the zone of `--tz`. What can't be read fits only what is the same to the letter; with a zone
 * it is refused (UsageError).
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
