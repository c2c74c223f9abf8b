import type * as Yaml from "yaml";
import { excerpt, type Mistake } from "../mistake.js";

export type TextMistake = Omit<Mistake, "position"> & { offset: number };

const messages = new Map<Yaml.ErrorCode, string>([
  ["BLOCK_AS_IMPLICIT_KEY", 'a second `: ` on one line; text that holds `: ` goes into "…"'],
  ["TAB_AS_INDENT", "a tab as indentation; YAML wants spaces"],
  ["NON_STRING_KEY", 'a key must be text; text that begins with { or [ goes into "…"'],
]);

/** What the library says of a missing character, as far as it begins; the code is the same for all. */
const missing: readonly [begins: string, message: string][] = [
  ["Sequence item", "a list's item needs `- ` before it"],
  ["Implicit map keys", "a key needs `: ` behind it"],
];

/** A cron without quotes, which YAML takes for an alias. */
const bareCron = /^([ \t]*(?:- +)?[\w"']+:[ \t]+)(\*\S*(?:[ \t]+[\w*/,-]+){4})[ \t]*(?:#.*)?\r?$/;

/** Says what the parser's error means; of a cron without quotes, several errors to it, always the same. */
export function syntaxMistake(
  { pos: [offset], code, message }: Yaml.YAMLParseError,
  text: string,
): TextMistake {
  const cron = bareCronAt(offset, text);
  if (cron !== undefined) return cron;
  if (code === "BAD_SCALAR_START") return wrongStart(offset, text);
  const says = missing.find(([begins]) => message.startsWith(begins))?.[1] ?? messages.get(code);
  return { offset, message: says ?? message.replace(/\n[\s\S]*/, "") };
}

function bareCronAt(offset: number, text: string): TextMistake | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const [, before, cron] = bareCron.exec(text.slice(start, lineEnd(offset, text))) ?? [];
  if (before === undefined || cron === undefined) return undefined;
  const suggestion = `put the cron in quotes: "${cron}"`;
  return { offset: start + before.length, message: "YAML takes * for an alias", suggestion };
}

/** `@daily`, `%name` and the like; the hint has the text where it is all of the line. */
function wrongStart(offset: number, text: string): TextMistake {
  const [, whole] = /^([^"\\,{}[\]#\r]*?)\s*(?:#.*)?$/.exec(text.slice(offset, lineEnd(offset, text))) ?? [];
  const suggestion = `put it in quotes${whole ? `: "${excerpt(whole)}"` : ""}`;
  return { offset, message: `in YAML no text can begin with ${text[offset]}`, suggestion };
}

function lineEnd(offset: number, text: string): number | undefined {
  const end = text.indexOf("\n", offset);
  return end === -1 ? undefined : end;
}
