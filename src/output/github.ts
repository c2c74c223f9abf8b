import { safe } from "./safe.js";

const breaker = "\u200b";

/**
 * Keeps GitHub Actions from reading text as a workflow command: a zero-width space breaks up every `##[`, and every
 * `::` at the start of a line (src/output/README.md, "Foreign text"). Remembers how the previous text ended, so that a
 * command can't arrive in two writes. Each stream has its own guard.
 */
export class WorkflowGuard {
  /** The part of the current line that matters: its last two characters, or a colon with only white space before it. */
  #line = "";

  guard(text: string): string {
    if (text === "") return text;
    const joined = this.#line + text;
    const guarded = breakCommands(joined);
    const line = joined.slice(Math.max(joined.lastIndexOf("\n"), joined.lastIndexOf("\r")) + 1);
    const known = this.#line.length;
    this.#line = /^\s*:?$/.test(line) ? line.trim() : `x${line.slice(-2)}`;
    return guarded.slice(known);
  }
}

function breakCommands(text: string): string {
  return text.replaceAll("##[", `##${breaker}[`).replace(/^([^\S\r\n]*:)(?=:)/gm, `$1${breaker}`);
}

export interface AnnotationLocation {
  file?: string;
  line?: number;
  column?: number;
}

/** A line for stderr that GitHub Actions shows beside the run or the file. It may contain any text. */
export function annotation(
  kind: "error" | "warning" | "notice",
  message: string,
  location: AnnotationLocation = {},
): string {
  const properties = [
    location.file === undefined ? "" : `file=${escapeProperty(breakCommands(safe(location.file, "cell")))}`,
    location.line === undefined ? "" : `line=${location.line}`,
    location.column === undefined ? "" : `col=${location.column}`,
  ].filter((property) => property !== "");
  const head = properties.length === 0 ? kind : `${kind} ${properties.join(",")}`;
  return `::${head}::${escapeData(breakCommands(safe(message, "block")))}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
