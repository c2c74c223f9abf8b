import { refuse, type ScheduleRefusal } from "./refusal.js";

const weekday = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?";
const nth = "(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|other|alternate)";
const single = "a schedule repeats, this is a single time";
const weeks = "a cron can't count weeks";

/** Forms that people try and that one cron can't say: found only in texts that the grammar didn't read. */
const forms: readonly { pattern: RegExp; reason: string; hint: string }[] = [
  {
    pattern: /\bevery (?:other|second) (?:hour|minute|month)\b/,
    reason: 'an "every other" is ambiguous here',
    hint: "every 2 hours, every 2 months",
  },
  {
    pattern: new RegExp(
      `\\b(?:every|each) (?:other|second|2nd|third|3rd|fourth|4th|alternate) (?:${weekday}|weeks?|weekends?)\\b`,
    ),
    reason: `${weeks}, so there is no "every other"`,
    hint: "every Tuesday at 9am, or on the 1st and 15th of every month at 9am",
  },
  {
    pattern:
      /\b(?:every|each) (?:\d+|two|three|four) weeks\b|\bfortnight|\bbi-?weekly\b|\bevery other week\b/,
    reason: weeks,
    hint: "every Monday at 9am, or on the 1st and 15th of every month at 9am",
  },
  {
    pattern: new RegExp(`\\b${nth} (?:${weekday}|weekday|workday|business day|working day|weekend)\\b`),
    reason: "a cron can't say the nth weekday of a month",
    hint: "every Monday at 9am, or on the 1st of every month at 9am",
  },
  {
    pattern: /\b(?:every )?\d* ?(?:seconds?|secs?)\b/,
    reason: "the shortest step of a cron is a minute",
    hint: "every minute",
  },
  {
    pattern: /\blast (?:day|of)\b|\bend of (?:the|every|each) (?:month|quarter|year)\b/,
    reason: "a cron has no last day of the month",
    hint: "on the 1st of every month at 00:00, or on the 28th of every month at 9am",
  },
  {
    pattern:
      /\b(?:every|each) (?:\d+|two|three|four|five|six|ten|other|second|third) (?:days?|years?|quarters?)\b/,
    reason: "a cron starts anew every month and every year, so it can't count days, quarters or years",
    hint: "every day at 9am, or on the 1st and 15th of every month at 9am",
  },
  {
    pattern: /\b(?:bi|semi)-?(?:monthly|annual(?:ly)?|yearly|weekly|daily)\b/,
    reason: "this word is used for two different things",
    hint: "every 2 months, every 6 months, on the 1st and 15th of every month",
  },
  {
    pattern: /\b(?:twice|thrice|(?:\d+|two|three|four) times)\b/,
    reason: "it says how many times, but not when",
    hint: "daily at 9am and 5pm",
  },
  {
    pattern:
      /\b(?:today|tonight|tomorrow|yesterday|now|immediately|next|this|later|soon)\b|\bin (?:\d+|an?|one|two|three|four|five|ten|fifteen|twenty|thirty) (?:min|hour|hr|day|week|month|year)|\bonce\b(?! an?\b| per\b| every\b)|\b\d{4}-\d{2}/,
    reason: single,
    hint: "every day at 9am; to run one now, trigger it",
  },
  {
    pattern: /\b(?:except|excluding|excl|unless|without|but not|not on|skip)\b/,
    reason: "exceptions can't be said in a cron",
    hint: "name the days that count: every Monday to Thursday at 9am",
  },
  {
    pattern: /\b(?:holidays?|business days?|working days?)\b/,
    reason: "a cron knows weekdays, not holidays",
    hint: "every weekday at 9am",
  },
  {
    pattern: /\b(?:business|working|office) hours\b/,
    reason: "these hours aren't the same everywhere",
    hint: "every hour between 9am and 5pm on weekdays",
  },
  {
    pattern: /\b(?:starting|beginning|start|begin|ending|ends|after|before|for \d+|as of|since)\b/,
    reason: "a cron has no beginning and no end",
    hint: "every 15 minutes between 9am and 5pm",
  },
  {
    pattern:
      /\b(?:gmt|[ecmp][sd]t|[ecmp]t|cest|cet|bst|ist|jst|aest|eet|wet|local time|my time)\b|\b(?:utc|gmt) ?[+-]|\b(?:europe|america|asia|africa|australia|pacific|atlantic|indian|etc)\/| time\b|(?:am|pm|\d) z\b/,
    reason: "a zone isn't part of the text",
    hint: "--tz Europe/Berlin, or --tz local",
  },
  {
    pattern: /o'?’?clock\b/,
    reason: '"o\'clock" could be the morning or the evening',
    hint: "write 9am, 9pm or 09:00",
  },
  {
    pattern: /\b(?:and|&) (?:on )?(?:every )?(?:day|daily|week|weekly|month|monthly|hour|hourly)\b/,
    reason: "these are two schedules",
    hint: "one automation each",
  },
  {
    pattern: /\b(?:morning|afternoon|evening|night)s?\b/,
    reason: "a part of the day isn't a time",
    hint: "every day at 9am",
  },
];

/** The reason that a text which the grammar didn't read deserves, if it holds a form that no cron can say. */
export function findUnsupported(text: string): ScheduleRefusal | undefined {
  const plain = text.toLowerCase().replace(/\s+/g, " ").trim();
  const form = forms.find(({ pattern }) => pattern.test(plain));
  return form && refuse(form.reason, form.hint);
}
