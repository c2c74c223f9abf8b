import { refuseWords } from "./cursor.js";

export const periods = ["day", "week", "month", "quarter", "year"] as const;
export type Period = (typeof periods)[number];

export const partsOfDay = ["morning", "afternoon", "evening", "night"] as const;
export type PartOfDay = (typeof partsOfDay)[number];

/** A day of one month, or of months named elsewhere in the text. */
export interface NamedDate {
  day: number;
  month?: number;
}

/** The parts of a text, each at most once, not yet checked for whether they fit together. */
export interface WordDraft {
  step?: { unit: "minute" | "hour"; count: number };
  /** `at :15`: minutes past the hour. */
  past?: number[];
  /** `at 9am and 5pm`: minutes after midnight. */
  times?: number[];
  /** `between 9am and 5pm`: minutes after midnight. */
  window?: { from: number; to: number };
  /** `starting at 3am`: minutes after midnight. */
  start?: number;
  partOfDay?: PartOfDay;
  period?: Period;
  monthStep?: number;
  weekdays?: number[];
  /** True for a list of weekdays, which become weekly with a time: `mon, wed at 9am`. */
  isDayList?: boolean;
  except?: number[] | undefined;
  dates?: NamedDate[];
  isEveryMonth?: boolean;
  months?: number[];
  /** True for `or` between a date and a weekday. */
  isEither?: boolean;
  /** True if a word makes it repeat, because `monday at 9am` may be meant just once. */
  repeats?: boolean;
  isUtc?: boolean;
}

const names: { [K in keyof WordDraft]?: string } = {
  step: "how often",
  past: "the minute of the hour",
  times: "the time",
  window: "from when until when",
  start: "when to start",
  partOfDay: "the part of the day",
  period: "how often",
  weekdays: "the weekday",
  dates: "the date",
  months: "the month",
};

export function setPart<K extends keyof WordDraft>(draft: WordDraft, part: K, value: WordDraft[K]): true {
  if (draft[part] !== undefined) {
    refuseWords(`it says ${names[part] ?? "the same thing"} twice`, "say it once");
  }
  draft[part] = value;
  return true;
}
