import type { AliasTarget } from "../command-aliases.js";

/** A topic of help that shows how it is done instead. */
interface MeantTopic {
  topic: string;
  shows: string;
}

/** Flags that people know from other tools: the command that does it, or the flag of the same command. */
export interface MeantFlag {
  /** `--status failed` is looked for as `--failed`. */
  flags: readonly string[];
  /** The command in which they are typed; absent: any that has the flag which is meant. */
  command?: string;
  meant: AliasTarget | string | MeantTopic;
  opposite?: AliasTarget;
}

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
