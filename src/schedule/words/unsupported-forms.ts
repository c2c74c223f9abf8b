import { canSay, createRefusal, type ScheduleRefusal } from "../refusal.js";
import { type TypedParts, typedParts, typedSchedule } from "./days.js";
import { hintOnHour } from "./tokens.js";

const named: readonly [RegExp, string | undefined][] = [
  [/\b(?:utc|gmt) ?[+-] ?[\d:]+/, undefined],
  [/\b(?:e[sd]?t|eastern(?: standard| daylight)?(?: time)?)\b/, "America/New_York"],
  [/\b(?:c[sd]t|ct|central(?: standard| daylight)?(?: time)?)\b/, "America/Chicago"],
  [/\b(?:m[sd]t|mt|mountain(?: standard| daylight)?(?: time)?)\b/, "America/Denver"],
  [/\b(?:p[sd]t|pt|pacific(?: standard| daylight)?(?: time)?)\b/, "America/Los_Angeles"],
  [/\b(?:cest|cet)\b/, "Europe/Berlin"],
  [/\bbst\b/, "Europe/London"],
  [/\bjst\b/, "Asia/Tokyo"],
  [/\baest\b/, "Australia/Sydney"],
  [/\b(?:in )?(?:my )?(?:local|my) time\b/, "local"],
  [/\b(?:gmt|ist|eet|wet)\b/, undefined],
  [/(?<=am|pm|\d) z\b/, undefined],
];
const regions = "(?:europe|america|asia|africa|australia|pacific|atlantic|indian|etc)/[a-z_/+-]+";
const written = new RegExp(`\\b(?:in )?(${regions})(?: time)?`);
const ofCity = /\b(?:in )?([a-z]+(?: [a-z]+)?) time\b/;

const zonePattern = new RegExp(
  [...named.map(([pattern]) => pattern), written, / time\b/].map(({ source }) => source).join("|"),
);

/** Moves the zone out of a text: `every day at 9am --tz America/New_York`. */
function moveZone({ text, read }: { text: string; read(text: string): string | undefined }): string {
  const { said, zone } = findZone(text.toLowerCase());
  const start = text.toLowerCase().indexOf(said);
  const rest = `${text.slice(0, start)} ${text.slice(start + said.length)}`.replace(/\s+/g, " ").trim();
  const own = typedSchedule(typedParts(rest));
  const cron = read(rest);
  const schedule = cron === undefined || cron === read(own) ? own : rest;
  return zone === undefined ? `${schedule} --tz Europe/Berlin, or --tz local` : `${schedule} --tz ${zone}`;
}

function findZone(plain: string): { said: string; zone: string | undefined } {
  const known = () => Intl.supportedValuesOf("timeZone");
  const [inFull, name] = written.exec(plain) ?? [];
  if (inFull !== undefined) {
    return { said: inFull, zone: known().find((zone) => zone.toLowerCase() === name) };
  }
  for (const [pattern, zone] of named) {
    const [said] = pattern.exec(plain) ?? [];
    if (said !== undefined) return { said, zone };
  }
  const [said = "", words = ""] = ofCity.exec(plain) ?? [];
  const cities = [words, words.split(" ").at(-1) ?? ""].map((city) => `/${city.replaceAll(" ", "_")}`);
  const zone = known().find((each) => cities.some((city) => each.toLowerCase().endsWith(city)));
  return { said, zone };
}

const weekday = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?";
const nth = "(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|other|alternate)";
const single = "a schedule repeats; this is a single time";
const weeks = "a cron can't count weeks";
const nearest = "the nearest is every week, or twice a month";
const noEnds = "a cron has no start or end";

interface Tried {
  text: string;
  /** Lower case, with single spaces. */
  plain: string;
  own: TypedParts;
  read(text: string): string | undefined;
}

interface Form {
  pattern: RegExp;
  reason: string;
  hint: string | ((tried: Tried) => string);
}

const orTwiceAMonth = ({ own }: Tried) => {
  const days = own.days?.startsWith("every") ? own.days : "every Monday";
  return `${typedSchedule({ ...own, days })}, or ${typedSchedule({ ...own, days: "on the 1st and 15th of every month" })}`;
};

/** The text without its impossible part, if the rest is a schedule; if not, its frequency, or its day and hour. */
const without =
  (pattern: RegExp) =>
  ({ plain, read }: Tried) => {
    const rest = plain.replace(pattern, " ").replace(/\s+/g, " ").trim();
    return read(rest) !== undefined ? rest : typedSchedule(typedParts(rest));
  };

const timesExamples: Record<"day" | "week" | "month", readonly [twice: string, thrice: string]> = {
  day: ["daily at 9am and 9pm", "daily at 9am, 1pm and 5pm"],
  week: ["every Monday and Thursday at 9am", "every Monday, Wednesday and Friday at 9am"],
  month: ["on the 1st and 15th of every month at 9am", "on the 1st, 11th and 21st of every month at 9am"],
};

/** Example times for `2x per day` and `three times a week`, which don't name any. */
function exampleOfTimes(plain: string): string {
  const unit = (["month", "week"] as const).find((name) => plain.includes(name)) ?? "day";
  const [twice, thrice] = timesExamples[unit];
  return /\b(?:thrice|three|3 ?x|3 times)\b/.test(plain) ? thrice : twice;
}

/** Common forms that one cron expression can't express. */
const forms: readonly Form[] = [
  {
    pattern: /\bevery (?:other|second) (?:hour|minute|month)\b/,
    reason: '"every other" is ambiguous here',
    hint: "every 2 hours, every 2 months",
  },
  {
    pattern: /\b(?:every|each) \d+(?:st|nd|rd|th) (?:minute|hour|month)\b/,
    reason: "a number such as 2nd is a day of the month",
    hint: ({ plain }) => plain.replace(/.*\b(\d+)(?:st|nd|rd|th) (minute|hour|month)\b.*/, "every $1 $2s"),
  },
  {
    pattern: new RegExp(
      `\\b(?:every|each) (?:other|second|2nd|third|3rd|fourth|4th|alternate) (?:${weekday}|weeks?|weekends?)\\b`,
    ),
    reason: `${weeks}, so there is no "every other": ${nearest}`,
    hint: orTwiceAMonth,
  },
  {
    pattern:
      /\b(?:every|each) (?:(?!1 )\d+|two|three|four) weeks\b|\bfortnight|\bbi-?weekly\b|\bevery other week\b/,
    reason: `${weeks}: ${nearest}`,
    hint: orTwiceAMonth,
  },
  {
    pattern: new RegExp(`\\b${nth} (?:${weekday}|weekday|workday|business day|working day|weekend)\\b`),
    reason: "a cron can't express the nth weekday of a month",
    hint: ({ own }) =>
      `${canSay} ${own.days?.startsWith("every") ? own.days : "every weekday"}, or a day of the month; with --as-typed, create and update leave it to the platform`,
  },
  {
    pattern: /\b(?:every )?\d* ?(?:seconds?|secs?)\b|\b\d+s\b/,
    reason: "a cron can't run more than once a minute",
    hint: "every minute",
  },
  {
    pattern: /\blast (?:day|of)\b|\bend of (?:(?:the|every|each) )?(?:month|quarter|year)\b/,
    reason: "a cron can't express the last day of a month",
    hint: `${canSay} a day that every month has, no later than the 28th`,
  },
  {
    pattern:
      /\b(?:every|each) (?:(?!1 )\d+|two|three|four|five|six|ten|other|second|third) (?:days?|years?|quarters?)\b/,
    reason: "a cron starts over every month and every year, so it can't count days, quarters or years",
    hint: ({ own: { time } }) =>
      `${typedSchedule({ time })}, or ${typedSchedule({ time, days: "on the 1st and 15th of every month" })}`,
  },
  {
    pattern: /\b(?:bi|semi)-?(?:monthly|annual(?:ly)?|yearly|weekly|daily)\b/,
    reason: "this word is used for two different things",
    hint: "every 2 months, every 6 months, on the 1st and 15th of every month",
  },
  {
    pattern: /\b(?:twice|thrice|(?:\d+|two|three|four) times|\d+ ?x)\b/,
    reason: "it says how many times, but not when",
    hint: ({ plain }) => exampleOfTimes(plain),
  },
  {
    pattern:
      /\b(?:today|tonight|tomorrow|yesterday|now|immediately|next|this|later|soon)\b|\bin (?:\d+[hm]|(?:\d+|an?|one|two|three|four|five|ten|fifteen|twenty|thirty) (?:min|hour|hr|day|week|month|year))|\bonce\b(?! an?\b| per\b| every\b)|\b\d{4}-\d{2}|\basap\b/,
    reason: single,
    hint: ({ own }) => `${typedSchedule(own)}; to run one now, trigger it`,
  },
  {
    pattern: /\b(?:holidays?|business days?|working days?)\b/,
    reason: "a cron knows weekdays, not holidays",
    hint: (tried) => {
      const isOfWork = /\b(?:business|working) days?\b/.test(tried.plain);
      if (isOfWork) return typedSchedule({ ...tried.own, days: "every weekday" });
      return without(/\b(?:except|excluding|but not|not)?(?: on)?(?: public| bank)? holidays?\b/)(tried);
    },
  },
  {
    pattern: /\b(?:except|excluding|excl|unless|without|but not|not on|skip)\b/,
    reason: "exceptions are weekdays: a cron can't leave out anything else",
    hint: without(/\b(?:except|excluding|excl|unless|without|but not|not on|skip)\b.*$/),
  },
  {
    pattern: /\b(?:business|working|office) hours\b/,
    reason: "these hours aren't the same everywhere",
    hint: ({ own: { often = "every hour" } }) => `${often} between 9am and 5pm on weekdays`,
  },
  {
    pattern: /\b(?:(?:shortly|soon|just|right|a bit) (?:after|before)|around|about|approximately|roughly)\b/,
    reason: "it doesn't say at which minute",
    hint: ({ plain, own }) => {
      const isMidnight = /\bafter midnight\b/.test(plain);
      return typedSchedule({ ...own, ...(isMidnight && { time: "00:05" }) });
    },
  },
  {
    pattern: /\b(?:starting|beginning|start|begin) (?:at |from |on )?/,
    reason: noEnds,
    hint: without(
      /\b(?:starting|beginning|start|begin)(?= (?:at|on)\b)|\b(?:starting|beginning|start|begin).*$/,
    ),
  },
  {
    pattern:
      /\b(?:until|till|through|ending|ends|after|before|for \d+|for (?:an?|one|two|three|four)\b|as of|since)\b/,
    reason: noEnds,
    hint: without(/\b(?:until|till|through|ending|ends|after|before|for|as of|since)\b.*$/),
  },
  {
    pattern: new RegExp(`\\b${weekday} or (?:on )?(?:every )?${weekday}\\b`),
    reason: '"or" leaves the day open',
    hint: ({ own }) => typedSchedule(own),
  },
  {
    pattern: /(?:\d|[ap]m|noon|midnight) or (?:at )?(?:\d|noon|midnight)/,
    reason: '"or" leaves the time open',
    hint: ({ own }) => typedSchedule(own),
  },
  {
    pattern: zonePattern,
    reason: "a time zone isn't part of a schedule's text",
    hint: moveZone,
  },
  {
    pattern: /o'?’?clock\b/,
    reason: '"o\'clock" could be the morning or the evening',
    hint: ({ plain }) => hintOnHour(Number(/(\d+) o['’]?clock/.exec(plain)?.[1] ?? 9) % 24),
  },
  {
    pattern: /\b(?:and|&) (?:on )?(?:every )?(?:day|daily|week|weekly|month|monthly|hour|hourly)\b/,
    reason: "these are two schedules",
    hint: "use one automation for each",
  },
  {
    pattern: /\b(?:nightly|(?:every|each) nights?)$/,
    reason: "it doesn't say at which hour",
    hint: "every day at 2am",
  },
  {
    pattern: /\b(?:morning|afternoon|evening|night)s?\b/,
    reason: "a part of the day isn't a time",
    hint: ({ own }) => typedSchedule(own),
  },
];

/** The reason for refusing a text in a form that no cron expression has. */
export function findUnsupported(text: string, read: Tried["read"]): ScheduleRefusal | undefined {
  const plain = text.toLowerCase().replace(/\s+/g, " ").trim();
  const form = forms.find(({ pattern }) => pattern.test(plain));
  if (form === undefined) return undefined;
  const { reason, hint } = form;
  return createRefusal(
    reason,
    typeof hint === "string" ? hint : hint({ text, plain, own: typedParts(text), read }),
  );
}
