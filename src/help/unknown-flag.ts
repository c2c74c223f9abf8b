import type { NamedFlag } from "../command/flags.js";
import type { AliasTarget } from "../command-aliases.js";
import { findGlobalFlag, UnknownFlagError } from "../command-line/global-flags.js";
import { suggestedCommand, typedValue } from "./suggested-command.js";

interface RefusedFlag {
  path: readonly string[];
  flags: readonly NamedFlag[];
  words: readonly string[];
}

/** The same error, with what people mean by the flag, where that is known: a command, or another flag of this one. */
export async function withMeantFlag(
  error: UnknownFlagError,
  { path, flags, words }: RefusedFlag,
): Promise<UnknownFlagError> {
  const command = path.join(" ");
  const { flag } = error;
  const value = /^--(status|state)$/.test(flag) ? typedValue(words, flag) : "";
  const named = /^\w/.test(value) ? `--${value}` : flag;
  const has = (name = "") => flags.some(({ long }) => long === name) || findGlobalFlag(name) !== undefined;
  if (named !== flag && has(named)) return new UnknownFlagError(flag, { hint: `did you mean ${named}?` });
  const known = meantFlags.find(
    ({ flags: each, command: place, meant }) =>
      each.includes(named) &&
      (place === undefined ? typeof meant === "string" && has(meant.split(" ")[0]) : place === command),
  );
  if (known === undefined) return error;
  const { meant, opposite } = known;
  // `--enabled=false`.
  const saysNo = /^(false|no|off|0)$/i.test(typedValue(words, flag));
  if (known.isForNo === true && !saysNo) return error;
  if (typeof meant === "string") return new UnknownFlagError(flag, { hint: `did you mean ${meant}?` });
  if ("topic" in meant)
    return new UnknownFlagError(flag, { hint: `herm help ${meant.topic} shows ${meant.shows}` });
  const line = await suggestedCommand(saysNo && opposite !== undefined ? opposite : meant, {
    words,
    named: path.length,
    flags,
    refused: flag,
  });
  return new UnknownFlagError(flag, { hint: `use ${line}` });
}

/** A topic of help that shows how it is done instead. */
interface MeantTopic {
  topic: string;
  shows: string;
}

/** Flags that people know from other tools: the command that does it, or the flag of the same command. */
interface MeantFlag {
  /** `--status failed` is looked for as `--failed`. */
  flags: readonly string[];
  /** The command in which they are typed; absent: any that has the flag which is meant. */
  command?: string;
  meant: AliasTarget | string | MeantTopic;
  opposite?: AliasTarget;
  /** Meant only where its value says no: `--enabled false`. */
  isForNo?: true;
}

/** @internal */
export const meantFlags: readonly MeantFlag[] = [
  {
    command: "automations update",
    flags: ["--paused", "--pause", "--disabled", "--disable"],
    meant: { command: "automations pause" },
    opposite: { command: "automations resume" },
  },
  {
    command: "automations update",
    flags: ["--enabled", "--enable", "--resume", "--active"],
    meant: { command: "automations resume" },
    opposite: { command: "automations pause" },
  },
  {
    command: "automations pause",
    flags: ["--until", "--for"],
    meant: { topic: "incidents", shows: "how a scheduler resumes it at a given time" },
  },
  { command: "automations create", flags: ["--enabled", "--enable"], meant: "--paused", isForNo: true },
  { command: "dev", flags: ["--stop"], meant: { command: "dev stop" } },
  { command: "dev", flags: ["--status"], meant: { command: "dev status" } },
  { command: "dev", flags: ["--reset"], meant: { command: "dev reset" } },
  { command: "automations list", flags: ["--failed"], meant: "--failing" },
  { flags: ["--disabled"], meant: "--paused" },
  { flags: ["-A"], meant: "--all-deployments" },
  { flags: ["-n", "--last"], meant: "--limit" },
  { flags: ["--fields"], meant: "--columns" },
  { flags: ["--format", "--yaml"], meant: "-o json" },
  { flags: ["--jq", "--template", "--fields"], meant: "-o json | jq" },
  { flags: ["--cron"], meant: "--schedule" },
  { flags: ["--prompt"], meant: "--instructions" },
  { flags: ["--timezone", "--time-zone", "--zone"], meant: "--tz" },
  { flags: ["--force", "-y", "--auto-approve"], meant: "--yes" },
  { flags: ["--filename"], meant: "--file" },
  { flags: ["-R"], meant: "--recursive" },
  { flags: ["--var-file", "--values-file"], meant: "--values" },
  { flags: ["--set"], meant: "--var" },
  { flags: ["--out"], meant: "--plan-out" },
  { flags: ["--wait"], meant: "--follow" },
  { flags: ["--filter", "--search", "--name"], meant: "--match" },
];
