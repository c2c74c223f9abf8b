import { commandLine, flagWords } from "../command-line/next-command.js";
import { canBeTyped } from "../command-line/shell-quote.js";
import type { Context, GivenValue } from "../context/context.js";
import { longName } from "./flags.js";

export interface CommandChanges {
  /** Replaces the typed arguments. */
  arguments?: readonly string[];
  deployments?: readonly string[] | undefined;
  /** Replaces the typed flags; undefined removes a flag. */
  flags?: Readonly<Record<string, GivenValue>>;
}

/** This call's command, ready to paste, without HERM_REASON; "the same command again" if a word can't be typed. */
export function rerunCommand(
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
