import { UsageError } from "../errors.js";
import { knownForms, readSchedule } from "./read.js";
import type { ScheduleRefusal } from "./refusal.js";

/** The error of a command whose schedule was refused (2): the reason, the nearest forms, and what is understood at all. */
export function scheduleRefused(text: string, { reason, hint }: ScheduleRefusal): UsageError {
  const understood = `understood are, among others:\n${knownForms.map((form) => `  ${form}`).join("\n")}`;
  // What was read and then refused for its zone doesn't get better by other words.
  const hints = [hint, readSchedule(text).ok ? undefined : understood].filter((part) => part !== undefined);
  return new UsageError(`schedule ${JSON.stringify(cut(text))}: ${reason}`, { hint: hints.join("\n") });
}

const longestShown = 60;

function cut(text: string): string {
  const characters = [...text];
  return characters.length > longestShown ? `${characters.slice(0, longestShown).join("")}…` : text;
}
