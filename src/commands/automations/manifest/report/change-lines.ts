import type { ManifestChanges } from "../../../../manifest/change.js";
import { renderTextDiff } from "../../../../output/diff.js";
import { safe } from "../../../../output/safe.js";
import { plainStyle } from "../../../../output/style.js";
import { describeSchedule } from "../../../../schedule/describe.js";

const mostLines = 40;
const mostCharacters = 400;

/**
 * What an automation changes, as the lines of a diff that begin with their sign: its short fields, then its instructions with
 * a little around. Bounded in number and length, and made safe; `redact` takes out keys.
 */
export async function changeLines(
  { name, schedule, enabled, instructions }: ManifestChanges,
  redact: (text: string) => string,
): Promise<string[]> {
  const words = async (cron: string | null | undefined) => (cron ? withWords(cron) : cron);
  const short: [field: string, from: unknown, to: unknown][] = [
    ["name", name?.from, name?.to],
    ["schedule", await words(schedule?.from), await words(schedule?.to)],
    ["enabled", enabled?.from, enabled?.to],
  ];
  const lines = short.flatMap(([field, from, to]) => [
    ...(from === undefined || from === null ? [] : [`- ${field}: ${redact(String(from))}`]),
    ...(to === undefined ? [] : [`+ ${field}: ${redact(String(to))}`]),
  ]);
  const texts = instructions === undefined ? [] : await textLines(instructions, redact);
  const all = [...lines.map((line) => safe(line, "cell")), ...texts];
  const more = all.length - mostLines;
  const shown = all.slice(0, mostLines).map(shorten);
  return more > 0 ? [...shown, `… and ${more} more lines`] : shown;
}

async function textLines(
  { from, to }: NonNullable<ManifestChanges["instructions"]>,
  redact: (text: string) => string,
): Promise<string[]> {
  const [before, after] = [from ?? "", to].map((text) => redact(text.replace(/\n$/, "")));
  if (from === null) return (after ?? "").split("\n").map((line) => `+ ${safe(line, "cell")}`);
  const lines = await renderTextDiff(before ?? "", after ?? "", { style: plainStyle });
  return lines.map((line) => line.replace(/^ {2}/, ""));
}

async function withWords(schedule: string): Promise<string> {
  const words = await describeSchedule(schedule);
  return words === schedule ? schedule : `${schedule} (${words})`;
}

/** By whole characters. */
function shorten(line: string): string {
  if (line.length <= mostCharacters) return line;
  return `${Array.from(line.slice(0, mostCharacters)).slice(0, -1).join("")}…`;
}
