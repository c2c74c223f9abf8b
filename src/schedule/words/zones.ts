import { typedParts, typedSchedule } from "./days.js";

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

export const zonePattern = new RegExp(
  [...named.map(([pattern]) => pattern), written, / time\b/].map(({ source }) => source).join("|"),
);

/** Moves the zone out of a text: `every day at 9am --tz America/New_York`. */
export function moveZone({ text, read }: { text: string; read(text: string): string | undefined }): string {
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
