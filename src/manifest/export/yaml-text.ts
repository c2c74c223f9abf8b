/**
 * What a reader of the file couldn't see, or YAML forbids: controls, format characters, separators, lone surrogates. In quotes
 * they are written with a backslash.
 */
const hidden = /[\0-\x1f\x7f-\x9f\ufff0-\uffff]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** A block can hold the joiners of emoji and of scripts: text with them is better read than escaped. */
const hiddenInBlock =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\ufff0-\uffff]|(?![\u200c\u200d])[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const plain = /^\p{L}[\p{L}\p{M}\p{N} _.,/()+-]*$/u;
/** A last line of white space alone, which reading a block drops. */
const endsInBlankLine = /\n[ \t]+\n*$/;
/** Words that YAML, or an older YAML, takes for something else than text. */
const otherwise = /^(null|true|false|yes|no|on|off|y|n)$/i;

/** A text on one line: as it is where YAML reads it so, else in double quotes. */
export function yamlScalar(text: string): string {
  const isPlain = plain.test(text) && !otherwise.test(text) && !text.endsWith(" ");
  return isPlain ? text : yamlQuoted(text);
}

export function yamlQuoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${escaped.replace(hidden, escapeHidden)}"`;
}

/** A text of lines as a block, each line indented by `indent` spaces; in double quotes where a block would hide or change something. */
export function yamlBlock(text: string, indent: number): string {
  if (text === "" || hiddenInBlock.test(text)) return yamlQuoted(text);
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (body.trim() === "" || endsInBlankLine.test(text)) return yamlQuoted(text);
  // Where a line would begin further in, or the first is empty, the indentation must be said.
  const indicator = /^[ \t\n]/.test(text) ? "2" : "";
  const chomp = text.endsWith("\n") ? (/\n\n$/.test(text) ? "+" : "") : "-";
  const margin = " ".repeat(indent);
  const lines = body.split("\n").map((line) => (line === "" ? "" : margin + line));
  return `|${indicator}${chomp}\n${lines.join("\n")}`;
}

/** Whether a text is nothing but lines that everybody sees: it can stand in a file of its own. */
export function isPlainText(text: string): boolean {
  return !hiddenInBlock.test(text);
}

/** A comment's text; it stays on its line. */
export function yamlComment(text: string): string {
  return `# ${text.replace(hidden, escapeHidden)}`;
}

const shortEscapes = new Map([
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\r", "\\r"],
]);

function escapeHidden(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  const long = code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  return shortEscapes.get(character) ?? long;
}
