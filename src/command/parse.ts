/** A command line: parsed by commander, and converted to a command's input. */

import { Argument, Command, CommanderError, Option } from "commander";
import { refuseTogether } from "../command-line/flag-values.js";
import {
  globalFlags,
  helpFlag,
  type TypedFlag,
  verboseFlag,
  versionFlag,
} from "../command-line/global-flags.js";
import type { CommandCall } from "../context/context.js";
import { UsageError } from "../errors/cli-errors.js";
import type { CommandDeclaration } from "./declaration.js";
import { argumentWord, longName, type NamedFlag, namedFlags } from "./flags.js";
import { type CommandNode, childrenOf, namesOf, pathTo } from "./tree.js";

/** Parses words with commander; loads only the named command, after `onCommand`. Throws UsageError. */
export async function parseLine(
  words: readonly string[],
  onCommand?: (path: readonly string[]) => void,
): Promise<TypedLine> {
  const reader = new LineReader(words, onCommand);
  const error = await reader.parse();
  await reader.refuseFlagsAsValues();
  return reader.result(error);
}

/** Reads as much of an unfinished line as possible, and the last flag if its value comes next. */
export async function parseUnfinished(
  words: readonly string[],
): Promise<TypedLine & { flag: string | undefined }> {
  const reader = new LineReader(words);
  const error = await reader.parse();
  const isFlagLast = error?.code === "commander.optionMissingArgument";
  return { ...reader.line(), flag: isFlagLast ? words.at(-1) : undefined };
}

/** As much of a command line as could be parsed. */
export interface TypedLine {
  words: readonly string[];
  /** Number of words that name the command. */
  names: number;
  /** The command or group, after its parent groups. */
  nodes: readonly CommandNode[];
  declaration?: CommandDeclaration | undefined;
  globals: readonly TypedFlag[];
  given: Pick<CommandCall, "arguments" | "flags">;
  /** Words whose help is requested, with no command to run. */
  help?: { of: readonly string[]; isWhole: boolean };
  isVersion?: true;
  /** Set for too few or too many arguments; help is still shown. */
  refusal?: RefusedLineError;
}

/** Words that don't fit the tree or the declaration; `help/refused-line.ts` explains them to the user. */
export class RefusedLineError extends UsageError {
  constructor(
    readonly line: TypedLine,
    readonly problem: string,
    readonly what: string,
  ) {
    super(`${problem} ${what}`);
  }
}

class LineReader {
  #command = new Command();
  #nodes: readonly CommandNode[] = [];
  #declaration: CommandDeclaration | undefined;
  #names = 0;
  readonly #globals: TypedFlag[] = [];
  /** Which of `--help`, `--verbose` and `--version` are present. */
  readonly #asked = new Set<string>();
  readonly #paths = new Map<Command, readonly CommandNode[]>();
  /** Options that every command accepts, collected here, because commander keeps each command's options apart. */
  readonly #shared: readonly Option[] = [
    ...globalFlags.map((flag) => this.#option(flag, (value) => this.#globals.push([flag, value]))),
    ...[helpFlag, verboseFlag].map((flag) => this.#option(flag, () => this.#asked.add(flag.long))),
  ];

  constructor(
    private readonly words: readonly string[],
    private readonly onCommand?: (path: readonly string[]) => void,
  ) {}

  async parse(): Promise<CommanderError | undefined> {
    const silent = () => undefined;
    // `help/` prints help, and the reporter prints commander's errors.
    const program = this.#command
      .enablePositionalOptions()
      .exitOverride()
      .helpOption(false)
      .showSuggestionAfterError(false)
      .configureHelp({ formatHelp: () => "" })
      .configureOutput({ writeOut: silent, writeErr: silent });
    await this.#furnish(program, []);
    try {
      await program.parseAsync(this.words, { from: "user" });
    } catch (error) {
      if (error instanceof CommanderError) return error;
      throw error;
    }
    return undefined;
  }

  /** Adds a command's arguments and flags, and its subcommands' names. */
  async #furnish(command: Command, nodes: readonly CommandNode[]): Promise<void> {
    const node = nodes.at(-1);
    this.#command = command;
    this.#nodes = nodes;
    for (const child of childrenOf(node)) {
      const [name = "", ...aliases] = namesOf(child, this.words);
      this.#paths.set(command.command(name).aliases(aliases), pathTo(child, nodes));
    }
    command.helpCommand(false).hook("preSubcommand", (_above, called) => this.#enter(called));
    if (node?.load !== undefined) {
      this.onCommand?.(nodes.map(({ name }) => name));
      this.#declaration = await node.load();
      const { arguments: named = {}, flags } = this.#declaration;
      for (const argument of Object.values(named)) command.addArgument(new Argument(argumentWord(argument)));
      for (const flag of namedFlags(flags))
        if (flag.long !== verboseFlag.long) command.addOption(this.#option(flag));
      command.action(() => undefined);
    }
    for (const option of this.#shared) command.addOption(option);
    if (node === undefined)
      command.addOption(this.#option({ long: versionFlag.long }, () => this.#asked.add(versionFlag.long)));
  }

  /** `onValue` receives the values of flags that aren't the command's own. */
  #option(
    { long, short, valueName, isRepeatable = false }: FlagName,
    onValue?: (value: string) => void,
  ): Option {
    const names = short === undefined ? long : `${short}, ${long}`;
    const option = new Option(valueName === undefined ? names : `${names} <${valueName}>`);
    // commander leaves the `=` of `-d=x` in the value.
    const isJoined = (value: string) => value.startsWith("=") && this.words.includes(`${short}${value}`);
    const read = (value = "") => (isJoined(value) ? value.slice(1) : value);
    if (onValue !== undefined) option.argParser((value) => onValue(read(value)));
    else if (isRepeatable)
      option.argParser((value, values: readonly string[] = []) => [...values, read(value)]);
    else if (valueName !== undefined) option.argParser((value) => read(value));
    return option;
  }

  #enter(called: Command): Promise<void> {
    const [early] = Object.keys(this.#ownFlags());
    if (early !== undefined) throw this.#refused("misplacedOption", longName(early));
    this.#names += 1;
    return this.#furnish(called, this.#paths.get(called) ?? []);
  }

  #ownFlags(): CommandCall["flags"] {
    const own = this.#declaration?.flags ?? {};
    const given = Object.entries(this.#command.opts()).filter(([key]) => Object.hasOwn(own, key));
    const isVerbose = own.verbose !== undefined && this.#asked.has(verboseFlag.long);
    return Object.fromEntries([...given, ...(isVerbose ? [["verbose", true]] : [])]);
  }

  /** Catches an empty variable after a flag, which makes the next flag that flag's value. */
  async refuseFlagsAsValues(): Promise<void> {
    const { words } = this;
    const takers = this.#command.options.filter(({ required }) => required);
    const letters = takers.map(({ short }) => short?.slice(1)).join("");
    // In joined short flags, such as `-qo`, only the last can need a value.
    const taker = RegExp(
      `^(?:${takers.map(({ long }) => long).join("|")}|-(?:(?![${letters}])\\w)*[${letters}])$`,
    );
    const end = words.indexOf("--");
    const read = end === -1 ? words : words.slice(0, end + 1);
    for (const [at, value] of read.entries()) {
      const flag = read[at - 1] ?? "";
      if (!/^-[\w-]+(=|$)/.test(value) || !taker.test(flag)) continue;
      const { isFlagOfAny } = await import("./flag-names.js");
      if (value !== "--" && !(await isFlagOfAny(value))) continue;
      throw new UsageError(`${flag} needs a value, not ${value}`, {
        hint: `to use that value: ${flag}=${value}`,
      });
    }
  }

  /** Throws RefusedLineError unless commander's error only requests help or counts arguments. */
  result(error: CommanderError | undefined): TypedLine {
    const problem = error?.code.replace("commander.", "") ?? "help";
    // The message quotes the refused word.
    const what = /'(.*)'/s.exec(error?.message ?? "")?.[1] ?? "";
    const path = this.#nodes.map(({ name }) => name);
    const line = this.line();
    const isWhole = this.#asked.has(verboseFlag.long);
    if (problem === "unknownCommand" && what === "help")
      return { ...line, help: { of: [...path, ...this.#command.args.slice(1)], isWhole } };
    if (problem === "missingArgument" || problem === "excessArguments")
      line.refusal = this.#refused(problem, what);
    else if (problem !== "help") throw this.#refused(problem, what);
    if (this.#asked.has(helpFlag.long)) return { ...line, help: { of: path, isWhole } };
    const isBare = [line.given.arguments, Object.keys(line.given.flags)].flat(2).length === 0;
    if (isBare && path.join(" ") === "automations update" && this.#names === 1)
      throw this.#refused("updateOfHerm", "");
    // Flags that belong to `herm` itself, or that need `--help`.
    const stray = [...this.#asked].find(
      (each) => each === versionFlag.long || this.#declaration?.flags?.verbose === undefined,
    );
    if (stray !== undefined) {
      const typed = this.words.includes(stray) ? stray : verboseFlag.short;
      if (path.length > 0 || typed === verboseFlag.long) throw this.#refused("unknownOption", typed);
      return { ...line, isVersion: true };
    }
    return this.#declaration === undefined ? { ...line, help: { of: path, isWhole } } : line;
  }

  line(): TypedLine {
    const { processedArgs, args } = this.#command;
    return {
      words: this.words,
      names: this.#names,
      nodes: this.#nodes,
      declaration: this.#declaration,
      globals: this.#globals,
      given: { arguments: processedArgs.length > 0 ? processedArgs : args, flags: this.#ownFlags() },
    };
  }

  #refused(problem: string, what: string): RefusedLineError {
    return new RefusedLineError(this.line(), problem, what);
  }
}

type FlagName = Pick<NamedFlag, "long" | "short" | "valueName" | "isRepeatable">;

/** Throws UsageError for an invalid value. */
export function readInput(
  { effect, printsText, arguments: named = {}, flags = {} }: CommandDeclaration,
  { given, nodes }: Pick<TypedLine, "given" | "nodes">,
): { input: Record<string, unknown>; call: CommandCall } {
  for (const [key, { excludes = [] }] of Object.entries(flags)) {
    for (const other of excludes)
      refuseTogether({ [longName(key)]: given.flags[key], [longName(other)]: given.flags[other] });
  }
  const values = Object.entries(flags).map(([key, flag]) => [
    key,
    flag.read(given.flags[key], longName(key)),
  ]);
  const arguments_ = Object.keys(named).map((key, at) => [key, given.arguments[at]]);
  return {
    input: Object.fromEntries([...arguments_, ...values]),
    call: { effect, printsText, path: nodes.map(({ name }) => name), ...given },
  };
}
