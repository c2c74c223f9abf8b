import { formatSpread } from "../../../manifest/spread.js";
import { safe } from "../../../output/safe.js";
import { type DiffOptions, renderTextChange, renderTextDiff } from "../../../output/text/diff.js";
import { displayWidth } from "../../../output/width.js";
import { describeSchedule } from "../../../schedule/describe.js";
import type { ChangeRow } from "./change-rows.js";

/** Columns of a paragraph: of a longer new line the beginning is shown, of a changed one the words. */
export const mostLineColumns = 240;

/** Changes of instructions by line, in paragraphs by words, unless `isVerbose`. Lines without line ends, made safe. */
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

/** `0 9 * * 1 (every Monday at 09:00 UTC)`; a schedule in words alone. Plain text. */
async function withWords(schedule: string): Promise<string> {
  const words = await describeSchedule(schedule);
  return words === schedule ? schedule : `${schedule} (${words})`;
}

/** A row's change of the schedule in words, with the minutes that spread adds. */
export async function scheduleInWords(
  row: Pick<ChangeRow, "changes" | "spread_minutes">,
): Promise<{ from: string | null; to: string } | undefined> {
  const { schedule } = row.changes ?? {};
  if (schedule === undefined) return undefined;
  const from = schedule.from === null ? null : await withWords(schedule.from);
  return { from, to: (await withWords(schedule.to)) + spreadText(row) };
}

/** `, spread by 12m`: minutes that the manifest doesn't say. */
export function spreadText({ spread_minutes: minutes = 0 }: Pick<ChangeRow, "spread_minutes">): string {
  return minutes === 0 ? "" : `, spread by ${formatSpread(minutes)}`;
}
