import type { CommandDeclaration } from "../command/declaration.js";
import { isFlagOfAny } from "../command/flag-names.js";
import { type NamedFlag, namedFlags, usageWords } from "../command/flags.js";
import type { RefusedLineError, TypedLine } from "../command/parse.js";
import { childrenOf, namesOf, nodesAt } from "../command/tree.js";
import { numberOfFailingError } from "../command-line/flag-values.js";
import {
  findGlobalFlag,
  globalFlags,
  helpFlag,
  isNamed,
  verboseFlag,
  versionFlag,
} from "../command-line/global-flags.js";
import { UsageError } from "../errors/cli-errors.js";
import { didYouMean } from "../errors/near-misses.js";
import { type AliasTarget, describeUnknown, suggestedCommand, typedValue } from "./unknown-command.js";

/** Puts commander's refusal into our words, and adds advice. */
export async function inOurWords({ line, problem, what }: RefusedLineError): Promise<UsageError> {
  const { nodes, declaration, words } = line;
  const path = nodes.map(({ name }) => name);
  const usage = declaration === undefined ? "" : usageWords(declaration, path).join(" ");
  switch (problem) {
    case "unknownCommand":
      return describeUnknown({ path, word: what, words });
    case "unknownOption":
      return unknownFlag(what, line);
    case "misplacedOption":
      return misplacedFlag(what, line);
    case "updateOfHerm":
      return new UsageError("herm update changes automations, not herm", {
        hint: `to update herm, install it again the way you installed it; to change an automation: ${usage}`,
      });
    case "optionMissingArgument":
      return new UsageError(`${words.at(-1)} needs a value`);
    case "missingArgument":
      return new UsageError(`<${what}> is missing`, { hint: `usage: ${usage}` });
    default: {
      const [, number] = /(?:^| )--failing (\d+)(?: |$)/.exec(words.join(" ")) ?? [];
      if (number !== undefined) return numberOfFailingError(number);
      const taken = Object.keys(declaration?.arguments ?? {}).length || "none";
      return new UsageError(`too many arguments: herm ${path.join(" ")} takes ${taken}`, {
        hint: excessHint(declaration, usage),
      });
    }
  }
}

function excessHint(declaration: CommandDeclaration | undefined, usage: string): string {
  const { arguments: named = {}, flags = {} } = declaration ?? {};
  if (Object.keys(named).length > 0) return `put text of several words in quotes: ${usage}`;
  // Either there is no flag before a file, or a shell expanded `-f *.yaml`.
  if (flags.file !== undefined) return `put -f before each file or folder: ${usage} -f <file>`;
  if (flags.match === undefined) return `usage: ${usage}`;
  const columns = flags.columns === undefined ? "" : "columns with --columns, ";
  return `choose names with --match, ${columns}fields with -o json | jq: ${usage}`;
}

/** The error for a flag that the command doesn't know; suggests a likely command or flag, or the nearest flag. */
async function unknownFlag(what: string, line: TypedLine): Promise<UsageError> {
  const { words, nodes, declaration } = line;
  // For `-q=yes`, commander says that it refuses `-=yes`.
  const word = words.find((each) => what.startsWith("-=") && each.endsWith(what.slice(1))) ?? what;
  const [flag = ""] = word.split("=");
  const own = namedFlags(declaration?.flags);
  const shared = [...globalFlags, helpFlag, ...(nodes.length === 0 ? [versionFlag] : [])];
  const isStray = isNamed(versionFlag, flag) || isNamed(verboseFlag, flag);
  if (flag !== word && [...own, ...shared, verboseFlag].some((each) => isNamed(each, flag)))
    return new UsageError(`${flag} doesn't accept a value`);
  const isEarly = words.slice(words.indexOf(word) + 1).some((each) => !each.startsWith("-"));
  if (!isStray && isEarly && childrenOf(nodes.at(-1)).length > 0 && (await isFlagOfAny(flag)))
    return misplacedFlag(flag, line);
  const beside = words.some((each) => isNamed(helpFlag, each)) ? [verboseFlag] : [];
  const shown = [...own.filter(({ isHidden }) => isHidden !== true), ...shared, ...beside];
  const near = didYouMean(
    flag.startsWith("--") ? flag : "",
    shown.map(({ long }) => long),
  );
  const lists = `to see the flags of this command, add --help${flag.startsWith("--") ? "" : "; put text that starts with - after --"}`;
  const usual = flag === versionFlag.long ? "to print the version: herm --version" : (near ?? lists);
  return new UsageError(`unknown flag ${flag}`, { hint: (await meantBy(flag, { ...line, own })) ?? usual });
}

/** The error for a flag before the command's name; has the correct line if that command accepts the flag. */
async function misplacedFlag(flag: string, { words, nodes, names }: TypedLine): Promise<UsageError> {
  const texts = words.filter((word) => !word.startsWith("-"));
  // The first word after the names so far may be the value of the flag.
  const [read = []] = [texts, texts.toSpliced(names, 1)].filter(
    (each) => nodesAt(each).at(-1) !== nodes.at(-1),
  );
  const found = nodesAt(read);
  const last = found.at(-1);
  const declaration = await last?.load?.();
  const error = `${flag} goes after the command`;
  if (last === undefined || !namedFlags(declaration?.flags).some((each) => isNamed(each, flag)))
    return new UsageError(error);
  const command = found.map(({ name }) => name).join(" ");
  const named = read.findIndex((text) => namesOf(last).includes(text)) + 1;
  return new UsageError(error, { hint: `use ${await suggestedCommand({ command }, { words, named })}` });
}

/** Suggests the flag's probable meaning, if that is known. */
async function meantBy(
  flag: string,
  { nodes, words, names, own }: TypedLine & { own: readonly NamedFlag[] },
): Promise<string | undefined> {
  const command = nodes.map(({ name }) => name).join(" ");
  const value = /^--(status|state)$/.test(flag) ? typedValue(words, flag) : "";
  const named = /^\w/.test(value) ? `--${value}` : flag;
  const has = (name = "") => own.some(({ long }) => long === name) || findGlobalFlag(name) !== undefined;
  if (named !== flag && has(named)) return `did you mean ${named}?`;
  const known = meantFlags.find(
    ({ flags: each, command: place, meant }) =>
      each.includes(named) &&
      (place === undefined ? typeof meant !== "string" || has(meant.split(" ")[0]) : place === command),
  );
  if (known === undefined) return undefined;
  const { meant, opposite } = known;
  // `--enabled=false`.
  const saysNo = /^(false|no|off|0)$/i.test(typedValue(words, flag));
  if (known.isForNo === true && !saysNo) return undefined;
  if (typeof meant === "string") return `did you mean ${meant}?`;
  if ("hint" in meant) return meant.hint;
  const line = await suggestedCommand(saysNo && opposite !== undefined ? opposite : meant, {
    words,
    named: names,
    flags: own,
    refused: flag,
  });
  return `use ${line}`;
}

/** Flags from other tools, with the command or flag that they mean here. */
interface MeantFlag {
  /** `--status failed` is listed as `--failed`. */
  flags: readonly string[];
  /** The command they are typed in; if absent, any command that has the flag they mean. */
  command?: string;
  meant: AliasTarget | string | { hint: string };
  opposite?: AliasTarget;
  /** Applies only if the value is negative: `--enabled false`. */
  isForNo?: true;
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
    meant: { hint: "to resume it at a given time, use a scheduler: herm help incidents" },
  },
  {
    command: "apply",
    flags: ["--plan", "--plan-out", "--out"],
    meant: { hint: "to see the plan, add --dry-run; to write it to a file, add --report markdown=plan.md" },
  },
  {
    command: "apply",
    flags: ["--max-failures"],
    meant: { hint: "apply stops by itself in an outage, and the same command finishes it" },
  },
  {
    command: "apply",
    flags: ["--remove-duplicates"],
    meant: { hint: "apply names each duplicate, with the command that deletes it" },
  },
  { flags: ["--api-key"], meant: { hint: "set HERM_API_KEY, or save the key: herm auth login" } },
  { command: "automations create", flags: ["--enabled", "--enable"], meant: "--paused", isForNo: true },
  { command: "dev", flags: ["--stop"], meant: { command: "dev stop" } },
  { command: "dev", flags: ["--status"], meant: { command: "dev status" } },
  { command: "dev", flags: ["--reset"], meant: { command: "dev reset" } },
  { command: "automations list", flags: ["--failed"], meant: "--failing" },
  { flags: ["--late"], meant: "--overdue" },
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
  { flags: ["--wait"], meant: "--follow" },
  {
    command: "runs list",
    flags: ["--search", "--grep"],
    meant: { hint: "to find errors, use -o json | jq; to search the text of runs: herm help tasks" },
  },
  {
    command: "automations update",
    flags: ["--if-instructions"],
    meant: "--match or --replace",
  },
  { flags: ["--filter", "--search", "--name"], meant: "--match" },
];
