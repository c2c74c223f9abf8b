import type { Hint } from "../errors.js";
import type { GlobalFlags } from "../settings/settings.js";

/** The flags that chose where requests go. */
export interface TargetFlags {
  settings: { flags: Pick<GlobalFlags, "local" | "profile" | "apiUrl"> };
}

/**
 * A command to repeat or go on with, as a person can paste it: quoted for a shell, and with the flags that this call
 * chose its target by. Its text may hold names of a server: print it through safe().
 */
export function commandLine({ settings }: TargetFlags, words: readonly string[]): string {
  const { local, profile, apiUrl } = settings.flags;
  // The local server has no login.
  const isLogin = words[0] === "auth" && words[1] === "login";
  const target = [
    ...(local && !isLogin ? ["--local"] : []),
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(apiUrl === undefined ? [] : ["--api-url", withoutUser(apiUrl)]),
  ];
  return ["herm", ...target, ...words].map(quote).join(" ");
}

/** A hint as a text, with its commands as they are called here. */
export function hintText(hint: Hint, flags: TargetFlags): string {
  return typeof hint === "string" ? hint : hint((...words) => commandLine(flags, words));
}

/** A URL that is refused for the password in it isn't said again. */
function withoutUser(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/?#]*@/, "$1");
}

/** What a terminal wouldn't show as it is goes through printf, so that a line that was made safe still says the same. */
function quote(word: string): string {
  if (/[\p{C}\p{Z}]/u.test(word.replaceAll(" ", "")) && !word.endsWith("\n")) {
    return `"$(printf '%b' '${Array.from(word, forPrintf).join("")}')"`;
  }
  return /^(?!=)[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function forPrintf(character: string): string {
  if (character === "\n") return "\\n";
  // A shell expands ! even there.
  if (character === " " || !/[\p{C}\p{Z}'\\!]/u.test(character)) return character;
  return [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}
