import { readCount, readDuration, readWord } from "../command-line/flag-values.js";
import { verboseFlag } from "../command-line/global-flags.js";
import type { GivenTime } from "../command-line/time-window.js";
import { refuseEmpty, refuseLongReason, UsageError } from "../errors.js";
import type { GivenValue } from "./call.js";
import type { Completes } from "./completes.js";

/** The headings of a page of help, beside `Flags`. */
export type FlagGroup = "Files" | "Which ones" | "Safety" | "Output";

/** A flag as it stands in help and completion, and how its value becomes the input's. */
export interface Flag<Value = unknown> {
  /** The name of its value; absent: it takes none. */
  takes?: string;
  about: string;
  short?: string;
  /** All that the value can be, where only a few words are taken. */
  choices?: readonly string[];
  /** Those that completion offers, where others are only another name for one. */
  offers?: readonly string[];
  /** The value is several of them, with commas between. */
  isList?: boolean;
  completes?: Completes;
  isRepeatable?: boolean;
  /** Neither in help nor in completion: for `herm` itself. */
  isHidden?: boolean;
  /** Few calls need it: only the whole page of help has it. */
  isAdvanced?: boolean;
  /** The heading that it stands under in help; absent: `Flags`. */
  group?: FlagGroup;
  /** What `--no-…` of it is for; absent: there is none. */
  opposite?: string;
  /** The names of the flags that it can't stand with. */
  excludes?: readonly string[];
  /** The input's value of what was given; throws UsageError that names the flag. */
  read(given: GivenValue, flag: string): Value;
}

export type Flags = Readonly<Record<string, Flag>>;

/** A flag by the name that it is typed with. */
export type NamedFlag = Flag & { long: string };

/** The flags of a command as they are typed, in the order of help: a flag that has an opposite is two. */
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

/** What a command's input has of these flags. */
export type Values<Some extends Flags> = {
  [Name in keyof Some]: Some[Name] extends Flag<infer Value> ? Value : never;
};

type Options = Pick<Flag, "short" | "completes" | "isHidden" | "excludes">;

/** The same flag, where few calls need it. */
export function advanced<Value>(flag: Flag<Value>): Flag<Value> {
  return { ...flag, isAdvanced: true };
}

/** The same flags under a heading of help. */
export function under<Some extends Flags>(group: FlagGroup, flags: Some): Some {
  const grouped = Object.entries(flags).map(([key, flag]) => [key, { ...flag, group }]);
  return Object.fromEntries(grouped) as Some;
}

/** A flag without a value: true where it is given. */
export function flag(about: string, options: Options = {}): Flag<boolean> {
  return { ...options, about, read: (given) => given === true };
}

/** `--follow` and `--no-follow`: undefined where neither is given. */
export function either(about: string, opposite: string): Flag<boolean | undefined> {
  return { about, opposite, read: (given) => (typeof given === "boolean" ? given : undefined) };
}

/** A text; an empty one is refused unless it `mayBeEmpty`. */
export function text(
  takes: string,
  about: string,
  { mayBeEmpty = false, ...options }: Options & { mayBeEmpty?: boolean } = {},
): Flag<string | undefined> {
  return { ...options, takes, about, read: (given, flag) => oneText(given, flag, mayBeEmpty) };
}

/** Why a command changes what it changes: every command that sends changes has it. */
export const reasonFlag: Flag<string | undefined> = {
  takes: "text",
  about: "why, for the history (default: HERM_REASON)",
  read: (given, flag) => {
    const reason = oneText(given, flag, true);
    if (reason !== undefined) refuseLongReason(flag, reason);
    return reason;
  },
};

/** A text that may be given several times: all of them, in their order. */
export function texts(takes: string, about: string, options: Options = {}): Flag<readonly string[]> {
  return {
    ...options,
    takes,
    about: `${about} (repeatable)`,
    isRepeatable: true,
    read: (given) => (Array.isArray(given) ? given : []),
  };
}

/** One of a few words. */
export function choice<Word extends string>(
  takes: string,
  about: string,
  choices: readonly Word[],
): Flag<Word | undefined> {
  return {
    takes,
    about,
    choices,
    read: (given, flag) => (typeof given === "string" ? readWord(flag, given, choices) : undefined),
  };
}

/** Several words in one value, with commas between; completion offers those that are known. Who reads them checks them. */
export function wordList(about: string, choices: readonly string[]): Flag<readonly string[] | undefined> {
  return {
    takes: "a,b,c",
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

/** A whole number from `least` on (1 if left out), at most `most`; help tells what is `usual`. */
export function count(about: string, options?: Bounds): Flag<number | undefined>;
export function count(about: string, options: Bounds & { usual: number }): Flag<number>;
export function count(
  about: string,
  { least = 1, most = Number.POSITIVE_INFINITY, usual }: Bounds & { usual?: number } = {},
): Flag<number | undefined> {
  return {
    takes: "n",
    about: withUsual(about, usual),
    read: (given, flag) => {
      if (typeof given !== "string") return usual;
      const value = readCount(flag, given, least);
      if (value !== undefined && value > most)
        throw new UsageError(`${flag} must be at most ${most}, not ${value}`);
      return value;
    },
  };
}

/** A duration, in milliseconds; help tells the default, given as it is typed: `15m`. */
export function duration(about: string): Flag<number | undefined>;
export function duration(about: string, options: { usual: string }): Flag<number>;
export function duration(about: string, { usual }: { usual?: string } = {}): Flag<number | undefined> {
  return {
    takes: "duration",
    about: withUsual(about, usual),
    read: (given, flag) => {
      const value = typeof given === "string" ? given : usual;
      return value === undefined ? undefined : readDuration(flag, value);
    },
  };
}

/** A time, read with `loadWindow` when it is needed. */
export function time(about: string): Flag<GivenTime | undefined> {
  return {
    takes: "time",
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
