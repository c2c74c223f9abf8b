import type { Hint } from "../errors.js";
import type { GlobalFlags } from "../settings/settings.js";
import { quoteForShells } from "./shell-quote.js";

/** The flags that chose where requests go. */
export interface TargetFlags {
  settings: { flags: Pick<GlobalFlags, "local" | "profile" | "apiUrl"> };
}

/**
 * A command to repeat or go on with, as a person can paste it: quoted for a shell, and with the flags that this call
 * chose its target by. Its text may hold names of a server: print it through safe().
 */
export function commandLine({ settings }: TargetFlags, words: readonly string[]): string {
  // The local server has no login.
  const isLogin = words[0] === "auth" && words[1] === "login";
  const target = targetWords({ ...settings.flags, local: settings.flags.local && !isLogin });
  return ["herm", ...target, ...words].map(quoteForShells).join(" ");
}

/** The one deployment that `-d` named, to be given again: without it a command that is pasted would be of another. */
export function sameDeployment({
  settings,
}: {
  settings: { flags: Pick<GlobalFlags, "deployments"> };
}): string[] {
  const [only, ...others] = settings.flags.deployments;
  return only === undefined || others.length > 0 ? [] : flagWords("-d", only);
}

/** The flags that a call chose its target by, to be given again. */
function targetWords({ local, profile, apiUrl }: TargetFlags["settings"]["flags"]): string[] {
  return [
    ...(local ? ["--local"] : []),
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(apiUrl === undefined ? [] : ["--api-url", withoutUser(apiUrl)]),
  ];
}

/** A flag and its value as two words, or as one where the value looks like a flag. */
export function flagWords(name: string, value: string): string[] {
  return value.startsWith("-") || value === "" ? [`${name}=${value}`] : [name, value];
}

/** A hint as a text, with its commands as they are called here. */
export function hintText(hint: Hint, flags: TargetFlags): string {
  return typeof hint === "string" ? hint : hint((...words) => commandLine(flags, words));
}

/** A URL that is refused for the password in it isn't said again; a word may have its flag before it. */
export function withoutUser(word: string): string {
  return word.replace(/^((?:--api-url=)?\w+:\/\/)[^/?#]*@/, "$1");
}
