import type { ManifestChanges } from "../../../manifest/plan/plan-item.js";
import { counted } from "../../../output/count.js";
import { safe } from "../../../output/safe.js";
import { plainStyle } from "../../../output/style.js";
import { renderTextDiff } from "../../../output/text/diff.js";
import type { ChangeRow } from "../view/change-rows.js";
import { scheduleInWords } from "../view/instructions-view.js";

const mostLines = 40;
const mostCharacters = 400;

/**
 * An automation's changes as lines of a diff: short fields, then instructions with some context. Bounded, and made
 * safe; `redact` removes keys.
 */
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

/** Shortens text by whole characters. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${Array.from(text.slice(0, most)).slice(0, -1).join("")}…`;
}
