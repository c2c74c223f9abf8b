import { UsageError } from "../errors/cli-errors.js";
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

/** Flags of every command (src/commands/README.md, "Flags"); none for the key, since processes see command lines. */
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
    summary: "total time limit for all attempts (default 60s)",
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

export const helpFlag = { long: "--help", short: "-h" };

/** With `--help`, asks for the full page; a command may declare a flag of its own with this name. */
export const verboseFlag = { long: "--verbose", short: "-v" };

/** A flag of `herm` itself, not of commands: a command with it would print the version and do no work. */
export const versionFlag = { long: "--version", short: "-v" };

export function findGlobalFlag(word: string): GlobalFlag | undefined {
  return globalFlags.find((flag) => isNamed(flag, word));
}

export function isNamed({ long, short }: Pick<GlobalFlag, "long" | "short">, word: string): boolean {
  return long === word || short === word;
}

/** A flag and its value, "" if the flag has no value. */
export type TypedFlag = readonly [flag: GlobalFlag, value: string];

/** Throws UsageError that names the flag. */
export function readGlobalFlags(typed: readonly TypedFlag[] = []): GlobalFlags {
  const flags: GlobalFlags = {
    deployments: [],
    local: false,
    noColor: false,
    noInput: false,
    quiet: false,
    debug: false,
  };
  for (const [flag, value] of typed) Object.assign(flags, flag.read(value, flags));
  return flags;
}

function readText(flag: string, value: string): string {
  if (value === "") throw new UsageError(`${flag} needs a value, not an empty one`);
  return value;
}
