import { type ErrorDetails, UsageError } from "../errors.js";
import { didYouMean } from "../near-misses.js";
import { formatNames } from "../output/formats/formats.js";
import type { GlobalFlags } from "../settings/settings.js";
import { readDuration, readWord } from "./flag-values.js";

export interface GlobalFlag {
  long: string;
  short?: string;
  valueName?: string;
  choices?: readonly string[];
  summary: string;
  completes?: "deployments" | "profiles";
  isRepeatable?: true;
  group: "Output" | "Connection";
  /** Throws UsageError that names the flag. */
  read(value: string, before: GlobalFlags): Partial<GlobalFlags>;
}

/**
 * Flags of every command (src/commands/README.md, "Flags"). There is none for the key: a command line is seen by every
 * process.
 */
export const globalFlags: readonly GlobalFlag[] = [
  {
    long: "--output",
    short: "-o",
    valueName: "format",
    choices: formatNames,
    summary: formatNames.join(", ").replace(/, (?!.*,)/, " or "),
    group: "Output",
    read: (value) => ({ output: readWord("--output", value, formatNames) }),
  },
  { long: "--json", summary: "short for --output json", group: "Output", read: () => ({ output: "json" }) },
  { long: "--no-color", summary: "no colour", group: "Output", read: () => ({ noColor: true }) },
  {
    long: "--quiet",
    short: "-q",
    summary: "no progress, notes or hints",
    group: "Output",
    read: () => ({ quiet: true }),
  },
  { long: "--no-input", summary: "never ask questions", group: "Output", read: () => ({ noInput: true }) },
  {
    long: "--deployment",
    short: "-d",
    valueName: "id|name",
    summary: "the deployment to work on",
    completes: "deployments",
    isRepeatable: true,
    group: "Connection",
    read: (value, { deployments }) => ({
      deployments: [...deployments, readText("--deployment", value)],
    }),
  },
  {
    long: "--profile",
    valueName: "name",
    summary: "the profile to use",
    completes: "profiles",
    group: "Connection",
    read: (value) => ({ profile: readText("--profile", value) }),
  },
  {
    long: "--local",
    summary: "use the local server; no account needed",
    group: "Connection",
    read: () => ({ local: true }),
  },
  {
    long: "--api-url",
    valueName: "url",
    summary: "use another API",
    group: "Connection",
    read: (value) => ({ apiUrl: readText("--api-url", value) }),
  },
  {
    long: "--timeout",
    valueName: "duration",
    summary: "time limit for one attempt (default 30s)",
    group: "Connection",
    read: (value) => ({ timeoutMs: readDuration("--timeout", value) }),
  },
  {
    long: "--max-wait",
    valueName: "duration",
    summary: "time limit for all attempts (default 60s)",
    group: "Connection",
    read: (value) => ({ maxWaitMs: readDuration("--max-wait", value) }),
  },
  {
    long: "--debug",
    summary: "show each request on stderr",
    group: "Connection",
    read: () => ({ debug: true }),
  },
];

/** `whole help` is `--help --verbose`. */
export type HelpRequest = "help" | "whole help";

const helpFlag = { long: "--help", short: "-h" };

/** Asks for the whole page beside `--help`; a command may have a flag of this name for itself. */
export const verboseFlag = { long: "--verbose", short: "-v" };

/** A flag of `herm` alone: with a command it would be answered in its place, and nothing done. */
export const versionFlag = { long: "--version", short: "-v" };

interface OwnFlag {
  long: string;
  short?: string;
  valueName?: string;
  choices?: readonly string[];
  /** The value is several of the choices: checked by who reads it. */
  isList?: boolean;
  isHidden?: boolean;
}

export interface SplitWords {
  flags: GlobalFlags;
  /** Words for commander, each value joined to its flag. */
  rest: string[];
  helpRequest: HelpRequest | undefined;
}

export function findGlobalFlag(word: string): GlobalFlag | undefined {
  return globalFlags.find((flag) => isNamed(flag, word));
}

/**
 * Takes out the global flags, and refuses what commander would misread: a separate value that begins with `-` (it
 * would swallow the next flag) and several short flags in one word (it would eat `-d` out of a text).
 */
export function splitGlobalFlags(words: readonly string[], ownFlags: readonly OwnFlag[]): SplitWords {
  const flags: GlobalFlags = {
    deployments: [],
    local: false,
    noColor: false,
    noInput: false,
    quiet: false,
    debug: false,
  };
  const rest: string[] = [];
  const end = words.indexOf("--");
  const read = end === -1 ? words : words.slice(0, end);
  const asksHelp = read.some((word) => isNamed(helpFlag, word));
  let isVerbose = false;
  for (let at = 0; at < read.length; at += 1) {
    const word = read[at] ?? "";
    if (!word.startsWith("-") || word === "-") {
      rest.push(word);
      continue;
    }
    const { name, attached } = splitWord(word);
    const global = findGlobalFlag(name);
    const own = ownFlags.find((flag) => isNamed(flag, name));
    const isWholeFlag = asksHelp && isNamed(verboseFlag, name);
    if (global === undefined && own === undefined && !isNamed(helpFlag, name) && !isWholeFlag)
      throw unknownFlag(asksHelp ? [...ownFlags, verboseFlag] : ownFlags, name);
    const takesValue = global === undefined ? own?.valueName !== undefined : global.valueName !== undefined;
    if (!takesValue && attached !== undefined) throw new UsageError(`${name} takes no value`);
    const value = takesValue ? (attached ?? separateValue(words, at + 1, name)) : undefined;
    if (takesValue && attached === undefined) at += 1;
    isVerbose ||= isWholeFlag;
    if (global !== undefined) Object.assign(flags, global.read(value ?? "", flags));
    else if (own !== undefined) {
      const { long, choices = [], isList = false } = own;
      if (value !== undefined && choices.length > 0 && !isList) readWord(long, value, choices);
      rest.push(value === undefined ? own.long : `${own.long}=${value}`);
    }
  }
  rest.push(...words.slice(read.length));
  return { flags, rest, helpRequest: asksHelp ? (isVerbose ? "whole help" : "help") : undefined };
}

function isNamed({ long, short }: Pick<OwnFlag, "long" | "short">, name: string): boolean {
  return name === long || name === short;
}

function splitWord(word: string): { name: string; attached: string | undefined } {
  const equals = word.indexOf("=");
  const name = equals === -1 ? word : word.slice(0, equals);
  if (!name.startsWith("--") && name.length > 2) {
    throw new UsageError(`unknown flag ${name}`, {
      hint: "give short flags one by one; give text that begins with - as --flag=text, or after --",
    });
  }
  return { name, attached: equals === -1 ? undefined : word.slice(equals + 1) };
}

function separateValue(words: readonly string[], at: number, name: string): string {
  const value = words[at];
  if (value === undefined) throw new UsageError(`${name} needs a value`);
  if (value.startsWith("-") && value !== "-") {
    throw new UsageError(`${name} needs a value, and got ${value}`, {
      hint: `to use that value: ${name.startsWith("--") ? name : `${name} `}=${value}`.replace(" =", "="),
    });
  }
  return value;
}

export class UnknownFlagError extends UsageError {
  constructor(
    readonly flag: string,
    details: ErrorDetails,
  ) {
    super(`unknown flag ${flag}`, details);
  }
}

function unknownFlag(ownFlags: readonly OwnFlag[], name: string): UnknownFlagError {
  const own = ownFlags.filter(({ isHidden }) => isHidden !== true).map(({ long }) => long);
  const shared = [...globalFlags, helpFlag].map(({ long }) => long);
  const meant = name.startsWith("--")
    ? (didYouMean(name, [...own, ...shared]) ?? "--help lists the flags of this command")
    : "--help lists the flags of this command; give text that begins with - after --";
  const hint = name === versionFlag.long ? "herm --version prints the version" : meant;
  return new UnknownFlagError(name, { hint });
}

function readText(flag: string, value: string): string {
  if (value === "") throw new UsageError(`${flag} needs a value, not an empty one`);
  return value;
}
