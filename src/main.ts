import { type Command, CommanderError } from "commander";
import { findPath } from "./command-tree.js";
import type { System } from "./context.js";
import { exitCodes, InterruptedError, UsageError } from "./errors.js";
import { findGlobalFlag, splitGlobalFlags } from "./global-flags.js";
import { Invocation } from "./invocation.js";
import { finishOutput, guardOutput, sinkOf } from "./output/sink.js";
import { buildProgram } from "./program.js";
import type { ReportContext } from "./report.js";

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
  writeThrough(program, invocation);
  const command = commandAt(program, path);
  const { flags, rest } = splitGlobalFlags(words, command);
  invocation.useFlags(flags);
  if (rest.includes("--version") && !rest.includes("--")) {
    await sinkOf(invocation.io.stdout).write(`${invocation.version}\n`);
    return;
  }
  try {
    if (command.commands.length > 0 && named.length === path.length && rest.length === path.length)
      command.help();
    await program.parseAsync(rest, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0 && error.code !== "commander.help") throw usageError(error);
  }
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

/** Help goes to stdout; commander's own error texts go nowhere, since the reporter prints what it throws. */
function writeThrough(command: Command, invocation: Invocation): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void sinkOf(invocation.io.stdout).write(text),
    writeErr: () => undefined,
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  for (const child of command.commands) writeThrough(child, invocation);
}

function usageError(error: CommanderError): UsageError {
  const [message = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = /Did you mean (?:one of )?([^,?]+)/.exec(rest.join(" "))?.[1];
  return new UsageError(message.replaceAll("option", "flag"), {
    hint: suggestion === undefined ? "--help shows what this command takes" : `did you mean ${suggestion}?`,
  });
}
