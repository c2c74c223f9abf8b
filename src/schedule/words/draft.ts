import { refuseWords } from "./cursor.js";

export const periods = ["day", "week", "month", "quarter", "year"] as const;
export type Period = (typeof periods)[number];

export const partsOfDay = ["morning", "afternoon", "evening", "night"] as const;
export type PartOfDay = (typeof partsOfDay)[number];

/** A day of the month, in one month or in those that another part of the text names. */
export interface NamedDate {
  day: number;
  month?: number;
}

/** What the parts of a text said, each at most once, before it is known whether they fit together. */
export interface WordDraft {
  /** `every 15 minutes`, `every 2 hours`. */
  step?: { unit: "minute" | "hour"; count: number };
  /** `at :15`: minutes past the hour. */
  past?: number[];
  /** `at 9am and 5pm`: minutes after midnight. */
  times?: number[];
  /** `between 9am and 5pm`: minutes after midnight. */
  window?: { from: number; to: number };
  /** `starting at 3am`: minutes after midnight. */
  start?: number;
  /** `every morning`: what the times must lie in. */
  partOfDay?: PartOfDay;
  period?: Period;
  /** `every 3 months`. */
  monthStep?: number;
  weekdays?: number[];
  /** Several weekdays were listed, which a time makes weekly: `mon, wed at 9am`. */
  isDayList?: boolean;
  /** `except sunday`: weekdays that don't count. */
  except?: number[] | undefined;
  dates?: NamedDate[];
  /** `of every month`. */
  isEveryMonth?: boolean;
  months?: number[];
  /** `or` between a date and a weekday. */
  isEither?: boolean;
  /** Whether a word says that it repeats: `monday at 9am` may be meant once. */
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

/** Notes a part; refuses where the text says that part a second time. */
export function note<K extends keyof WordDraft>(draft: WordDraft, part: K, value: WordDraft[K]): true {
  if (draft[part] !== undefined) {
    refuseWords(`it says ${names[part] ?? "the same thing"} twice`, "say it once");
  }
  draft[part] = value;
  return true;
}
