import { tryJson } from "../../../api/json.js";
import type { Automation } from "../../../api/types.js";

/** Fields of the edited text; line numbers are those of the saved text. */
export interface EditedText {
  name?: { text: string; line: number };
  schedule?: { text: string; line: number };
  tz?: { text: string; line: number };
  instructions: string;
}

export interface EditMistake {
  line: number;
  message: string;
}

const fence = "---";
const mistakeMark = "#! ";
const fields = ["name", "schedule", "tz"] as const;

/** Writes an automation as text to edit: name, schedule and tz as front matter, then the exact instructions. */
export function writeEditText({ name, schedule, instructions }: Automation): string {
  const front = [`name: ${writeValue(name ?? "")}`, `schedule: ${writeValue(schedule ?? "")}`, "tz: UTC"];
  return `${[fence, ...front, fence].join("\n")}\n${instructions ?? ""}`;
}

export function readEditText(text: string): { edited: EditedText; mistakes: EditMistake[] } {
  const lines = text.split("\n");
  const edited: EditedText = { instructions: "" };
  const mistakes: EditMistake[] = [];
  const end = lines.findIndex((line, at) => at > 0 && line.trimEnd() === fence);
  if (lines[0]?.trimEnd() !== fence || end === -1) {
    const message = `${fence} must be the first line, and again the line before the instructions`;
    return { edited, mistakes: [{ line: 1, message }] };
  }
  for (const [at, line] of lines.slice(1, end).entries()) {
    const mistake = readLine(line, { edited, line: at + 2 });
    if (mistake !== undefined) mistakes.push({ line: at + 2, message: mistake });
  }
  for (const field of ["name", "schedule"] as const) {
    if (edited[field] === undefined && !mistakes.some(({ message }) => message.startsWith(field)))
      mistakes.push({ line: end + 1, message: `${field} is missing` });
  }
  edited.instructions = lines.slice(end + 1).join("\n");
  if (edited.instructions.trim() === "")
    mistakes.push({ line: end + 2, message: "the instructions are empty" });
  return { edited, mistakes };
}

/** Adds mistakes below the first line, each with the number of the line that it is now about. */
export function withMistakes(text: string, mistakes: readonly EditMistake[]): string {
  const [first = fence, ...rest] = text.split("\n");
  const marks = mistakes.map(({ line, message }) => {
    const shown = message.replaceAll(/\s+/g, " ");
    return `${mistakeMark}line ${line === 1 ? 1 : line + mistakes.length}: ${shown}`;
  });
  return [first, ...marks, ...rest].join("\n");
}

export function withoutMistakes(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line, at) => at > 0 && !line.startsWith(mistakeMark));
  return [...lines.slice(0, 1), ...(end === -1 ? [] : lines.slice(end))].join("\n");
}

function readLine(line: string, into: { edited: EditedText; line: number }): string | undefined {
  if (line.trim() === "" || line.startsWith("#")) return undefined;
  const [, key = "", written = ""] = /^([^:]*):(.*)$/.exec(line) ?? [];
  const field = fields.find((each) => each === key.trim());
  if (field === undefined) return `${key.trim() || line.trim()} isn't one of ${fields.join(", ")}`;
  if (into.edited[field] !== undefined) return `${field} appears twice`;
  const text = readValue(written.trim());
  if (text === undefined) return `${field} isn't a text in double quotes`;
  if (text.trim() === "") return field === "tz" ? undefined : `${field} is empty`;
  into.edited[field] = { text, line: into.line };
  return undefined;
}

/** Quotes what a line can't hold as it is. */
function writeValue(value: string): string {
  const isPlain = value === value.trim() && !value.startsWith('"') && !/\p{Cc}/u.test(value) && value !== "";
  return isPlain ? value : JSON.stringify(value);
}

function readValue(written: string): string | undefined {
  if (!written.startsWith('"')) return written;
  const value = tryJson(written);
  return typeof value === "string" ? value : undefined;
}
