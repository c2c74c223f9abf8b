import { type Command, CommanderError } from "commander";
import { findPath } from "./command-tree.js";
import type { System } from "./context.js";
import { exitCodes, InterruptedError, UsageError } from "./errors.js";
import { findGlobalFlag, splitGlobalFlags } from "./global-flags.js";
import { Invocation } from "./invocation.js";
import { finishOutput, guardOutput, sinkOf } from "./output/sink.js";
import { buildProgram } from "./program.js";
import type { ReportContext } from "./report.js";
import type { GlobalFlags } from "./settings/settings.js";

/** Runs one command line to its exit code. Never throws, never exits, and is the only printer of errors. */
export async function main(words: readonly string[], system: System): Promise<number> {
  const invocation = new Invocation(system);
  if (system.env.GITHUB_ACTIONS === "true") guardOutput(system);
  system.onCrash?.(async (error) => {
    await report(error, { invocation, words, env: system.env });
    await finishOutput(system);
  });
  let exitCode: number = exitCodes.ok;
  try {
    await run(words, invocation);
    await invocation.settle();
  } catch (error) {
    await invocation.settle();
    exitCode = await report(error, { invocation, words, env: system.env });
  }
  exitCode = interruptionCode(system.signal, words) ?? exitCode;
  try {
    await finishOutput(system);
  } catch (error) {
    exitCode ||= await report(error, { invocation, words, env: system.env });
  }
  return exitCode;
}

/** Interrupted is interrupted, also where what was in flight came to its end or failed; only the local server is stopped so. */
function interruptionCode({ aborted, reason }: AbortSignal, words: readonly string[]): number | undefined {
  if (!aborted || !(reason instanceof InterruptedError)) return undefined;
  return findPath(commandWords(words))[0] === "dev" ? undefined : reason.exitCode;
}

async function report(error: unknown, context: ReportContext): Promise<number> {
  const { reportError } = await import("./report.js");
  return reportError(error, context);
}

async function run(words: readonly string[], invocation: Invocation): Promise<void> {
  const named = commandWords(words);
  const path = findPath(named);
  const program = await buildProgram(invocation, describesAll(path) ? "all" : path);
  const command = commandAt(program, path);
  const isGroup = command.commands.length > 0;
  const unknownWord = isGroup ? named[path.length] : undefined;
  if (unknownWord !== undefined) throw await unknownCommand(path, unknownWord);
  const { flags, rest, asked } = splitGlobalFlags(words, command);
  invocation.useFlags(path[0] === "completion" ? await withTypedFlags(flags, rest) : flags);
  if (asked === "version") {
    await sinkOf(invocation.io.stdout).write(`${invocation.version}\n`);
    return;
  }
  if (asked === "help" || isGroup) {
    const { printHelp } = await import("./help/print-help.js");
    return printHelp(invocation.io, path, command);
  }
  try {
    await program.parseAsync(rest, { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? await usageError(error, command, path) : error;
  }
}

/** Completions are for the line that is being typed: its flags say whose names are offered. */
async function withTypedFlags(flags: GlobalFlags, rest: readonly string[]): Promise<GlobalFlags> {
  const at = rest.indexOf("--");
  if (at === -1) return flags;
  const { readTypedWords, typedFlags } = await import("./commands/typed-words.js");
  const { before } = readTypedWords([...rest.slice(2, at), ...rest.slice(at + 1)]);
  return { ...flags, ...typedFlags(before) };
}

async function unknownCommand(path: readonly string[], word: string): Promise<UsageError> {
  const { describeUnknown } = await import("./help/unknown-command.js");
  return describeUnknown(path, word);
}

/** These tell about every other command, so that all of them are loaded. */
function describesAll([name]: readonly string[]): boolean {
  return name === "commands" || name === "completion";
}

/** The words without global flags and their values, so that `-d dep_1 automations list` finds its command. */
function commandWords(words: readonly string[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") break;
    if (!word.startsWith("-")) found.push(word);
    else if (findGlobalFlag(word)?.value !== undefined) at += 1;
  }
  return found;
}

function commandAt(program: Command, path: readonly string[]): Command {
  let command = program;
  for (const name of path) {
    command = command.commands.find((each) => each.name() === name) ?? command;
  }
  return command;
}

async function usageError(
  error: CommanderError,
  command: Command,
  path: readonly string[],
): Promise<UsageError> {
  const { usageWords } = await import("./help/usage.js");
  const usage = usageWords(command, path).join(" ");
  const isSplit = error.code === "commander.excessArguments" && command.registeredArguments.length > 0;
  const hint = isSplit ? `${usage}; a text of several words goes in quotes` : `${usage}; --help tells more`;
  return new UsageError(error.message.replace(/^error: /, "").replaceAll("option", "flag"), { hint });
}
