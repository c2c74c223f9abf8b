import type { Hint } from "../errors/cli-errors.js";
import type { GlobalFlags } from "../settings/settings.js";
import { quoteForShells } from "./shell-quote.js";

export interface TargetFlags {
  settings: { flags: Pick<GlobalFlags, "local" | "profile" | "apiUrl"> };
}

/**
 * Writes a quoted command for pasting, with the flags that chose this call's target. The text may contain names from a
 * server, so print it through safe().
 */
export function commandLine({ settings }: TargetFlags, words: readonly string[]): string {
  // The local server has no login.
  const isLogin = words[0] === "auth" && words[1] === "login";
  const target = targetWords({ ...settings.flags, local: settings.flags.local && !isLogin });
  return ["herm", ...target, ...words].map(quoteForShells).join(" ");
}

/** The only deployment in `-d`; without it, a pasted command would use another. */
export function sameDeployment({
  settings,
}: {
  settings: { flags: Pick<GlobalFlags, "deployments"> };
}): string[] {
  const [only, ...others] = settings.flags.deployments;
  return only === undefined || others.length > 0 ? [] : flagWords("-d", only);
}

function targetWords({ local, profile, apiUrl }: TargetFlags["settings"]["flags"]): string[] {
  return [
    ...(local ? ["--local"] : []),
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(apiUrl === undefined ? [] : ["--api-url", withoutUser(apiUrl)]),
  ];
}

/** Joins a value that looks like a flag to its name. */
export function flagWords(name: string, value: string): string[] {
  return value.startsWith("-") || value === "" ? [`${name}=${value}`] : [name, value];
}

export function hintText(hint: Hint, flags: TargetFlags): string {
  return typeof hint === "string" ? hint : hint((...words) => commandLine(flags, words));
}

/** Hides the password in a URL; the word may start with its flag. */
export function withoutUser(word: string): string {
  return word.replace(/^((?:--api-url=)?\w+:\/\/)[^/?#]*@/, "$1");
}
