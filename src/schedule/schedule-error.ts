import { UsageError } from "../errors/cli-errors.js";
import { formsLike } from "./known-forms.js";
import { readSchedule } from "./read.js";
import { canSay, cutTo, type ScheduleRefusal } from "./refusal.js";

const longestShown = 60;

/** The error for a refused schedule (2): the reason, and the nearest forms or three of the attempted kind. */
export function scheduleError(text: string, { reason, hint }: ScheduleRefusal): UsageError {
  // Other words don't help if the text was understood but refused because of its zone.
  const isAnswered = readSchedule(text).ok || holdsSchedule(hint ?? reason);
  const examples = isAnswered ? [] : ["for example:", ...formsLike(text).map((form) => `  ${form}`)];
  const lines = [...(hint === undefined ? [] : [hint]), ...examples];
  const shown = lines.length === 0 ? {} : { hint: lines.join("\n") };
  return new UsageError(`schedule ${JSON.stringify(cutTo(text, longestShown))}: ${reason}`, shown);
}

function holdsSchedule(said: string): boolean {
  if (said.startsWith(canSay)) return true;
  const parts = [/: |; |,? or /, /: |; |,? or |, | and /].flatMap((between) => said.split(between));
  return parts.some((part) => readSchedule(part.replace(/^(?:write|for example) | --tz .*$/g, "")).ok);
}
