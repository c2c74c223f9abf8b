/** Changed fields in words: instructions, schedules, spreads. */

import type { ManifestChanges } from "../../../manifest/plan/plan-item.js";
import { formatSpread } from "../../../manifest/spread.js";
import { counted } from "../../../output/count.js";
import { safe } from "../../../output/safe.js";
import { plainStyle } from "../../../output/style.js";
import { type DiffOptions, renderTextChange, renderTextDiff } from "../../../output/text/diff.js";
import { displayWidth } from "../../../output/width.js";
import { describeSchedule } from "../../../schedule/describe.js";
import type { ChangeRow } from "../view/change-rows.js";

const mostLines = 40;
const mostCharacters = 400;

/** The changes to an automation as safe diff lines, limited in number; short fields first. `redact` removes keys. */
export async function changeLines(
  row: Pick<ChangeRow, "changes" | "spread_minutes">,
  redact: (text: string) => string,
): Promise<string[]> {
  const { name, enabled, instructions } = row.changes ?? {};
  const schedule = await scheduleInWords(row);
  const short: [field: string, from: unknown, to: unknown][] = [
    ["name", name?.from, name?.to],
    ["schedule", schedule?.from, schedule?.to],
    ["enabled", enabled?.from, enabled?.to],
  ];
  const lines = short.flatMap(([field, from, to]) => [
    ...(from === undefined || from === null ? [] : [`- ${field}: ${redact(String(from))}`]),
    ...(to === undefined ? [] : [`+ ${field}: ${redact(String(to))}`]),
  ]);
  const texts = instructions === undefined ? [] : await textLines(instructions, redact);
  const all = [...lines.map((line) => safe(line, "cell")), ...texts];
  const more = all.length - mostLines;
  const shown = all.slice(0, mostLines).map((line) => shorten(line, mostCharacters));
  return more > 0 ? [...shown, `… and ${counted(more, "more line")}`] : shown;
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

/** Shortens text without splitting characters. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${Array.from(text.slice(0, most)).slice(0, -1).join("")}…`;
}

/** A wider line counts as a paragraph: a new one is cut at its end, and a changed one shows the changed words. */
export const mostLineColumns = 240;

/** Changes to instructions by line, and by word in long lines unless `isVerbose`. Safe lines without line ends. */
export async function renderInstructions(
  { from, to }: { from: string | null; to: string },
  { isVerbose, ...options }: DiffOptions & { isVerbose: boolean },
): Promise<string[]> {
  const [before = "", after = ""] = [from ?? "", to].map((text) => text.replace(/\n$/, ""));
  const hasParagraph = [before, after].some((text) =>
    text.split("\n").some((line) => displayWidth(safe(line, "cell")) > mostLineColumns),
  );
  if (!hasParagraph || isVerbose) return renderTextDiff(before, after, options);
  const { style, width = mostLineColumns } = options;
  const lines = await renderTextChange(before, after, { style, width: width - 4 });
  return lines.map((line) => `  ${line}`);
}

/** `0 9 * * 1 (every Monday at 09:00 UTC)`; a schedule that is already in words is returned as it is. Plain text. */
async function withWords(schedule: string): Promise<string> {
  const words = await describeSchedule(schedule);
  return words === schedule ? schedule : `${schedule} (${words})`;
}

/** The change to a row's schedule in words, with the minutes that a spread adds. */
export async function scheduleInWords(
  row: Pick<ChangeRow, "changes" | "spread_minutes">,
): Promise<{ from: string | null; to: string } | undefined> {
  const { schedule } = row.changes ?? {};
  if (schedule === undefined) return undefined;
  const from = schedule.from === null ? null : await withWords(schedule.from);
  return { from, to: (await withWords(schedule.to)) + spreadText(row) };
}

/** `, spread by 12m`: the minutes that aren't in the manifest. */
export function spreadText({ spread_minutes: minutes = 0 }: Pick<ChangeRow, "spread_minutes">): string {
  return minutes === 0 ? "" : `, spread by ${formatSpread(minutes)}`;
}
