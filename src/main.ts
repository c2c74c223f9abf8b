import { type NamedFlag, namedFlags } from "./command/flags.js";
import {
  findGlobalFlag,
  type HelpRequest,
  type SplitWords,
  splitGlobalFlags,
  UnknownFlagError,
  verboseFlag,
  versionFlag,
} from "./command-line/global-flags.js";
import "./command-tree.js";
import { findPath, nodesAt, presentWords } from "./command/tree.js";
import type { System } from "./context.js";
import { exitCodes, InterruptedError } from "./errors.js";
import { Invocation } from "./invocation.js";
import { finishOutput, guardOutput, restoreTerminals, sinkOf } from "./output/sink.js";
import type { ReportContext } from "./report.js";
import type { GlobalFlags } from "./settings/settings.js";

/** Runs one command line to its exit code. Never throws, never exits, and is the only printer of errors. */
export async function main(typed: readonly string[], system: System): Promise<number> {
  const words = inPresentTree(typed);
  const invocation = new Invocation(system, words);
  if (system.env.GITHUB_ACTIONS === "true") guardOutput(system);
  system.onCrash?.(async (error) => {
    restoreTerminals(system);
    await report(error, { invocation, words, env: system.env });
    await finishOutput(system);
  });
  let exitCode: number = exitCodes.ok;
  try {
    await invocation.prepareAccessibility();
    await run(words, invocation);
    await invocation.flushWarnings();
  } catch (error) {
    await invocation.flushWarnings();
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

/**
 * Gives the signal's code even where what was in flight ended or failed; only the local server is stopped by a signal.
 */
function interruptionCode({ aborted, reason }: AbortSignal, words: readonly string[]): number | undefined {
  if (!aborted || !(reason instanceof InterruptedError)) return undefined;
  return findPath(commandWords(words)).join(" ") === "dev" ? undefined : reason.exitCode;
}

async function report(error: unknown, context: ReportContext): Promise<number> {
  const { reportError } = await import("./report.js");
  return reportError(error, context);
}

async function run(words: readonly string[], invocation: Invocation): Promise<void> {
  const named = commandWords(words);
  const nodes = nodesAt(named);
  const path = nodes.map(({ name }) => name);
  const node = nodes.at(-1);
  if (node?.load === undefined) return runGroup({ words, named, path }, invocation);
  invocation.announceCommand(path);
  const declaration = await node.load();
  await invocation.prepareSettings();
  const { flags, rest, helpRequest } = await splitFlags(words, {
    path,
    ownFlags: namedFlags(declaration.flags),
  });
  invocation.flags = path[0] === "completion" ? await withTypedFlags(flags, rest) : flags;
  if (helpRequest !== undefined) return showHelp(helpRequest, invocation, path);
  const { effect } = declaration;
  if (effect !== "reads") (await import("./command/keys.js")).refuseKeys(rest, invocation.settings);
  const { readInput } = await import("./command/input.js");
  const { input, call } = await readInput({ declaration, nodes, words: rest });
  invocation.call = call;
  if (declaration.isFrozen?.(input) === true && invocation.settings.freeze !== undefined) {
    const refuse = async () => (await import("./command/freeze.js")).refuseFrozen(invocation);
    await (declaration.whenFrozen?.(invocation, input, refuse) ?? refuse());
  }
  if (effect === "changes" || effect === "destroys") invocation.setReason(input.reason);
  await declaration.run(invocation, input);
}

/** Adds to an unknown flag what people mean by it. */
async function splitFlags(
  words: readonly string[],
  { path, ownFlags }: { path: readonly string[]; ownFlags: readonly NamedFlag[] },
): Promise<SplitWords> {
  try {
    return splitGlobalFlags(words, ownFlags);
  } catch (error) {
    if (!(error instanceof UnknownFlagError)) throw error;
    const { withMeantFlag } = await import("./help/unknown-flag.js");
    throw await withMeantFlag(error, { path, flags: ownFlags, words });
  }
}

/** Prints a group's help, without commander. */
async function runGroup(
  { words, named, path }: { words: readonly string[]; named: readonly string[]; path: readonly string[] },
  invocation: Invocation,
): Promise<void> {
  const word = named[path.length];
  if (word !== undefined && word !== "help") {
    const { describeUnknown } = await import("./help/unknown-command.js");
    throw await describeUnknown({ path, word, words });
  }
  const ownFlags = word === "help" ? [verboseFlag] : path.length === 0 ? [versionFlag] : [];
  const { flags, rest, helpRequest } = splitGlobalFlags(words, ownFlags);
  invocation.flags = flags;
  if (helpRequest === undefined && rest.includes(versionFlag.long))
    return sinkOf(invocation.io.stdout).write(`${invocation.version}\n`);
  if (word === undefined) return showHelp(helpRequest ?? "help", invocation, path);
  const { printHelpFor } = await import("./help/print-help.js");
  const isVerbose = rest.includes(verboseFlag.long);
  await printHelpFor(invocation.io, [...path, ...named.slice(path.length + 1)], { isVerbose });
}

async function showHelp(
  helpRequest: HelpRequest,
  invocation: Invocation,
  path: readonly string[],
): Promise<void> {
  const { printHelp } = await import("./help/print-help.js");
  await printHelp(invocation.io, path, { isVerbose: helpRequest === "whole help" });
}

/** Uses the flags of the line that is being completed. */
async function withTypedFlags(flags: GlobalFlags, rest: readonly string[]): Promise<GlobalFlags> {
  const at = rest.indexOf("--");
  if (at === -1) return flags;
  const { readTypedWords, typedFlags } = await import("./command-line/typed-words.js");
  const { before } = readTypedWords([...rest.slice(2, at), ...rest.slice(at + 1)]);
  return { ...flags, ...typedFlags(before) };
}

/** The words with `apply` for `automations apply`, wherever flags stand. */
function inPresentTree(words: readonly string[]): readonly string[] {
  const named = commandWords(words);
  const group = commandPlaces(words)[0];
  return presentWords(named).length < named.length ? words.filter((_, at) => at !== group) : words;
}

/** Words without global flags and their values, so that `-d dep_1 automations list` finds its command. */
function commandWords(words: readonly string[]): string[] {
  return commandPlaces(words).map((at) => words[at] ?? "");
}

function commandPlaces(words: readonly string[]): number[] {
  const found: number[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") break;
    if (!word.startsWith("-")) found.push(at);
    else if (findGlobalFlag(word)?.valueName !== undefined) at += 1;
  }
  return found;
}
