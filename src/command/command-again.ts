import { commandLine, flagWords } from "../command-line/next-command.js";
import { canBeTyped } from "../command-line/shell-quote.js";
import type { Context } from "../context.js";
import type { GivenValue } from "./call.js";
import { longName } from "./flags.js";

/** What a command is repeated with. */
export interface CommandChanges {
  /** In place of what was typed: what was picked from a list, or what is left to do. */
  arguments?: readonly string[];
  /** Deployments to name with `-d` in place of those that were typed. */
  deployments?: readonly string[];
  /** Added, or in place of what was typed; undefined: left out. */
  flags?: Readonly<Record<string, GivenValue>>;
}

/**
 * This call's command again, as a person can paste it; "the same command again" where one of its words can't be typed.
 * HERM_REASON is there the next time too, and so isn't in it.
 */
export function commandAgain(
  { call, settings }: Pick<Context, "call" | "settings">,
  changes: CommandChanges = {},
): string {
  const { deployments, maxWaitMs } = settings.flags;
  const words = [
    ...call.path,
    ...(changes.arguments ?? call.arguments.flatMap((argument) => argument ?? [])),
    ...(changes.deployments ?? deployments).flatMap((each) => flagWords("-d", each)),
    ...Object.entries({ ...call.flags, ...changes.flags }).flatMap(([key, value]) => wordsOf(key, value)),
    ...(maxWaitMs === undefined ? [] : ["--max-wait", durationWord(maxWaitMs)]),
  ];
  return words.every(canBeTyped) ? commandLine({ settings }, words) : "the same command again";
}

function wordsOf(key: string, value: GivenValue): string[] {
  const flag = longName(key);
  if (value === undefined) return [];
  if (value === true) return [flag];
  if (value === false) return [flag.replace("--", "--no-")];
  return [value].flat().flatMap((each) => flagWords(flag, each));
}

function durationWord(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
