/** Characters that can't be seen or that YAML forbids; in quotes they are escaped. */
const hidden = /[\0-\x1f\x7f-\x9f\ufff0-\uffff]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Blocks may hold the joiners of emoji and scripts: escaped, such text can't be read. */
const hiddenInBlock =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\ufff0-\uffff]|(?![\u200c\u200d])[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const plain = /^\p{L}[\p{L}\p{M}\p{N} _.,/()+-]*$/u;
/** A last line of white space alone, which reading a block drops. */
const endsInBlankLine = /\n[ \t]+\n*$/;
/** Words that YAML, or an older YAML, doesn't take for text. */
const nonTextWords = /^(null|true|false|yes|no|on|off|y|n)$/i;

/** Writes text on one line, in double quotes where YAML would read something else. */
export function yamlScalar(text: string): string {
  const isPlain = plain.test(text) && !nonTextWords.test(text) && !text.endsWith(" ");
  return isPlain ? text : yamlQuoted(text);
}

export function yamlQuoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${escaped.replace(hidden, escapeHidden)}"`;
}

/** Writes text as a block, indented by `indent` spaces, or in double quotes where a block would hide or change something. */
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

/** True for text without hidden characters, which can stand in a file of its own. */
export function isPlainText(text: string): boolean {
  return !hiddenInBlock.test(text);
}

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
