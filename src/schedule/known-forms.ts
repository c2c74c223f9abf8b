import { looksLikeCron } from "./cron.js";
import { monthNames, weekdayNames } from "./fields.js";

type Kind = "steps" | "times" | "weekdays" | "dates" | "cron";

export const knownForms: Readonly<Record<Kind, readonly [string, string, string]>> = {
  times: ["every day at 9am", "daily at 9am and 5pm", "every weekday at 18:30"],
  weekdays: ["every Monday at 9am", "mon, wed, fri at noon", "every weekday at 18:30"],
  steps: ["every 15 minutes", "every 2 hours", "every hour from 9am to 5pm on weekdays"],
  dates: ["on the 1st and 15th of every month at 9:30am", "every January 1st at 9am", "every quarter"],
  cron: ["0 9 * * 1-5", "*/15 * * * *", "@daily"],
};

export const firstForms: readonly string[] = Object.values(knownForms).map(([first]) => first);

const short = (names: readonly string[]) => names.map((name) => name.slice(0, 3)).join("|");
const kinds: readonly (readonly [Kind, RegExp])[] = [
  [
    "dates",
    new RegExp(
      `\\b(?:months?|monthly|quarter(?:ly)?|years?|yearly|\\d+(?:st|nd|rd|th)|${short(monthNames)})`,
      "i",
    ),
  ],
  ["steps", /\b(?:min|hour|hr|second)|\d[hms]\b/i],
  ["weekdays", new RegExp(`\\b(?:week|${short(weekdayNames)})`, "i")],
];

/** Examples for the kind of schedule that an unreadable text resembles. */
export function formsLike(text: string): readonly string[] {
  if (looksLikeCron(text)) return knownForms.cron;
  const [kind = "times"] = kinds.find(([, pattern]) => pattern.test(text)) ?? [];
  return knownForms[kind];
}
