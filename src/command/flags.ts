/** A command's arguments and flags, as it declares them. */

import { readDuration, readWord } from "../command-line/flag-values.js";
import { verboseFlag } from "../command-line/global-flags.js";
import type { GivenTime } from "../command-line/time-window.js";
import type { GivenValue } from "../context/context.js";
import { refuseEmpty, refuseLongReason, UsageError } from "../errors/cli-errors.js";

export type CompletionKind =
  | "commands"
  | "deployments"
  | "customers"
  | "exceptions"
  | "refs"
  | "runs"
  | "runs or refs"
  | "incidents"
  | "changes"
  | "changes or refs"
  | "profiles"
  | "settings"
  | "shells"
  | "skill pages"
  | "zones"
  | "reports"
  | "files";

export interface Argument<Value = unknown> {
  /** The name in usage: `run|ref`. */
  name: string;
  about: string;
  completes?: CompletionKind;
  isRequired: boolean;
  isVariadic: boolean;
  /** Hidden from usage and help: for `herm` itself. */
  isHidden?: boolean;
  /** Never set: carries the type of the input's value. */
  value?: Value;
}

export type Arguments = Readonly<Record<string, Argument>>;

type ArgumentOptions = Pick<Argument, "completes" | "isHidden">;

export function required(name: string, about: string, options: ArgumentOptions = {}): Argument<string> {
  return { ...options, name, about, isRequired: true, isVariadic: false };
}

export function optional(
  name: string,
  about: string,
  options: ArgumentOptions = {},
): Argument<string | undefined> {
  return { ...options, name, about, isRequired: false, isVariadic: false };
}

export function several(
  name: string,
  about: string,
  options: ArgumentOptions = {},
): Argument<readonly string[]> {
  return { ...options, name, about, isRequired: false, isVariadic: true };
}

export function usageWords(declaration: { arguments?: Arguments }, path: readonly string[]): string[] {
  return ["herm", ...path, ...shownArguments(declaration).map(argumentWord)];
}

export function shownArguments({ arguments: named = {} }: { arguments?: Arguments }): Argument[] {
  return Object.values(named).filter(({ isHidden }) => isHidden !== true);
}

export function argumentWord({ name, isRequired, isVariadic }: Argument): string {
  const text = isVariadic ? `${name}...` : name;
  return isRequired ? `<${text}>` : `[${text}]`;
}

export type FlagGroup = "Files" | "Which ones" | "Safety" | "Output";

/** A flag in help and completion, and the conversion of its value to input. */
interface Flag<Value = unknown> {
  valueName?: string;
  about: string;
  short?: string;
  choices?: readonly string[];
  /** The choices that completion offers, if the other choices are only synonyms. */
  offers?: readonly string[];
  isList?: boolean;
  completes?: CompletionKind;
  isRepeatable?: boolean;
  /** Hidden from help and completion: for `herm` itself. */
  isHidden?: boolean;
  /** Shown only on the full help page. */
  isAdvanced?: boolean;
  group?: FlagGroup;
  /** Help for `--no-…`, if the flag has one. */
  opposite?: string;
  excludes?: readonly string[];
  /** Throws UsageError that names the flag. */
  read(given: GivenValue, flag: string): Value;
}

export type Flags = Readonly<Record<string, Flag>>;

export type NamedFlag = Flag & { long: string };

/** Flags as typed, in the order that help lists them; a flag with a `--no-` form counts as two. */
export function namedFlags(flags: Flags = {}): NamedFlag[] {
  return Object.entries(flags).flatMap(([key, flag]) => {
    const long = longName(key);
    const { opposite, isAdvanced, group, read } = flag;
    const own = { ...(long === verboseFlag.long ? verboseFlag : {}), ...flag, long };
    if (opposite === undefined) return [own];
    return [own, { long: `--no-${long.slice(2)}`, about: opposite, isAdvanced, group, read }];
  });
}

/** `--dry-run` of `dryRun`. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export type Values<Some extends Flags> = {
  [Name in keyof Some]: Some[Name] extends Flag<infer Value> ? Value : never;
};

type Options = Pick<Flag, "short" | "completes" | "isHidden" | "excludes">;

export function advanced<Value>(flag: Flag<Value>): Flag<Value> {
  return { ...flag, isAdvanced: true };
}

export function inGroup<Some extends Flags>(group: FlagGroup, flags: Some): Some {
  const grouped = Object.entries(flags).map(([key, flag]) => [key, { ...flag, group }]);
  return Object.fromEntries(grouped) as Some;
}

/** A flag without a value: true if present. */
export function flag(about: string, options: Options = {}): Flag<boolean> {
  return { ...options, about, read: (given) => given === true };
}

/** `--follow` and `--no-follow`: undefined if both are absent. */
export function negatableFlag(about: string, opposite: string): Flag<boolean | undefined> {
  return { about, opposite, read: (given) => (typeof given === "boolean" ? given : undefined) };
}

/** Refuses empty text, unless `mayBeEmpty` is set. */
export function text(
  valueName: string,
  about: string,
  { mayBeEmpty = false, ...options }: Options & { mayBeEmpty?: boolean } = {},
): Flag<string | undefined> {
  return { ...options, valueName, about, read: (given, flag) => oneText(given, flag, mayBeEmpty) };
}

export const reasonFlag: Flag<string | undefined> = {
  valueName: "text",
  about: "reason for the change (default: HERM_REASON)",
  read: (given, flag) => {
    const reason = oneText(given, flag, true);
    if (reason !== undefined) refuseLongReason(flag, reason);
    return reason;
  },
};

export function texts(valueName: string, about: string, options: Options = {}): Flag<readonly string[]> {
  return {
    ...options,
    valueName,
    about: `${about} (repeatable)`,
    isRepeatable: true,
    read: (given) => (Array.isArray(given) ? given : []),
  };
}

export function choice<Word extends string>(
  valueName: string,
  about: string,
  choices: readonly Word[],
): Flag<Word | undefined> {
  return {
    valueName,
    about,
    choices,
    read: (given, flag) => (typeof given === "string" ? readWord(flag, given, choices) : undefined),
  };
}

/** Comma-separated words; the command checks them against `choices`. */
export function wordList(about: string, choices: readonly string[]): Flag<readonly string[] | undefined> {
  return {
    valueName: "a,b,c",
    about,
    choices,
    isList: true,
    read: (given) => (typeof given === "string" ? given.split(",").map((word) => word.trim()) : undefined),
  };
}

interface Bounds {
  least?: 0 | 1;
  most?: number;
}

/** A whole number from `least` (1 by default) to `most`; help shows `usual` as the default. */
export function count(about: string, options?: Bounds): Flag<number | undefined>;
export function count(about: string, options: Bounds & { usual: number }): Flag<number>;
export function count(
  about: string,
  { least = 1, most = Number.POSITIVE_INFINITY, usual }: Bounds & { usual?: number } = {},
): Flag<number | undefined> {
  return {
    valueName: "n",
    about: withUsual(about, usual),
    read: (given, flag) => {
      if (typeof given !== "string") return usual;
      const value = Number(given);
      const isNumber = /^\d{1,9}$/.test(given) && value >= least && value <= most;
      const limits = most === Number.POSITIVE_INFINITY ? `, ${least} or more` : ` from ${least} to ${most}`;
      if (!isNumber) throw new UsageError(`${flag} must be a whole number${limits}, not "${given}"`);
      return value;
    },
  };
}

/** Milliseconds; help shows the default as typed: `15m`. */
export function duration(about: string): Flag<number | undefined>;
export function duration(about: string, options: { usual: string }): Flag<number>;
export function duration(about: string, { usual }: { usual?: string } = {}): Flag<number | undefined> {
  return {
    valueName: "duration",
    about: withUsual(about, usual),
    read: (given, flag) => {
      const value = typeof given === "string" ? given : usual;
      return value === undefined ? undefined : readDuration(flag, value);
    },
  };
}

export function time(about: string): Flag<GivenTime | undefined> {
  return {
    valueName: "time",
    about,
    read: (given, flag) => (typeof given === "string" ? { flag, text: given } : undefined),
  };
}

function withUsual(about: string, usual: number | string | undefined): string {
  return usual === undefined ? about : `${about} (default ${usual})`;
}

function oneText(given: GivenValue, flag: string, mayBeEmpty: boolean): string | undefined {
  if (typeof given !== "string") return undefined;
  if (!mayBeEmpty) refuseEmpty(flag, given);
  return given;
}
