import { helpFlag, isNamed, readGlobalFlags, versionFlag } from "./command-line/global-flags.js";
// Registers every command.
import "./commands/command-tree.js";
import type { TypedLine } from "./command/parse.js";
import type { System } from "./context/context.js";
import { exitCodes, InterruptedError } from "./errors/cli-errors.js";
import { Invocation } from "./invocation/invocation.js";
import type { ReportContext } from "./invocation/report-error.js";
import { finishOutput, guardOutput, restoreTerminal, sinkOf } from "./output/sink.js";
import type { GlobalFlags } from "./settings/settings.js";

/** Runs one command line and returns its exit code. Never throws or exits; nothing else prints errors. */
export async function main(words: readonly string[], system: System): Promise<number> {
  const invocation = new Invocation(system, words);
  if (system.env.GITHUB_ACTIONS === "true") guardOutput(system);
  system.onCrash?.(async (error) => {
    restoreTerminal(system);
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
  exitCode = interruptionCode(system.signal, invocation) ?? exitCode;
  try {
    await finishOutput(system);
  } catch (error) {
    exitCode ||= await report(error, { invocation, words, env: system.env });
  }
  return exitCode;
}

/** Returns the signal's code even if running work failed; only the local server exits with 0 after a signal. */
function interruptionCode({ aborted, reason }: AbortSignal, { call }: Invocation): number | undefined {
  if (!aborted || !(reason instanceof InterruptedError)) return undefined;
  return call.path.join(" ") === "dev" ? undefined : reason.exitCode;
}

async function report(error: unknown, context: ReportContext): Promise<number> {
  const { reportError } = await import("./invocation/report-error.js");
  return reportError(error, context);
}

async function run(words: readonly string[], invocation: Invocation): Promise<void> {
  // By themselves, both are answered without commander.
  const [alone = helpFlag.long] = words.length > 1 ? [""] : words;
  if (isNamed(helpFlag, alone)) return showHelp(invocation);
  if (isNamed(versionFlag, alone)) return showVersion(invocation);
  const { parseLine } = await import("./command/parse.js");
  const line = await parseLine(words, (path) => invocation.announceCommand(path));
  invocation.flags = await flagsOf(line);
  const { declaration, help, isVersion, refusal } = line;
  if (isVersion) return showVersion(invocation);
  if (help !== undefined || declaration === undefined) return showHelp(invocation, help);
  await invocation.prepareSettings();
  const { effect } = declaration;
  if (effect !== "reads") (await import("./command/refusals.js")).refuseKeys(line.given, invocation.settings);
  if (refusal !== undefined) throw refusal;
  const { readInput } = await import("./command/parse.js");
  const { input, call } = readInput(declaration, line);
  invocation.call = call;
  if (declaration.isFrozen?.(input) === true && invocation.settings.freeze !== undefined) {
    const refuse = async () => (await import("./command/refusals.js")).refuseFrozen(invocation);
    await (declaration.whenFrozen?.(invocation, input, refuse) ?? refuse());
  }
  if (effect === "changes" || effect === "destroys") invocation.setReason(input.reason);
  await declaration.run(invocation, input);
  const { pickedDeployment: picked } = invocation;
  if (picked === undefined) return;
  const { offerToSave } = await import("./operations/selection/resolve.js");
  await offerToSave(invocation, picked);
}

async function showHelp({ io }: Invocation, help?: TypedLine["help"]): Promise<void> {
  const { printHelpFor } = await import("./help/print-help.js");
  await printHelpFor(io, help?.of ?? [], { isVerbose: help?.isWhole });
}

function showVersion({ io, version }: Invocation): Promise<void> {
  return sinkOf(io.stdout).write(`${version}\n`);
}

/** The flags; during completion, only those that choose the target. */
async function flagsOf({ globals, nodes, given }: TypedLine): Promise<GlobalFlags> {
  const [, typed = []] = given.arguments;
  if (nodes[0]?.name !== "completion" || typeof typed === "string") return readGlobalFlags(globals);
  const { readTypedWords } = await import("./command-line/typed-words.js");
  const { parseUnfinished } = await import("./command/parse.js");
  const line = await parseUnfinished(readTypedWords(typed).before);
  const ofTarget = ["--deployment", "--profile", "--local", "--api-url"];
  const chosen = line.globals.filter(
    ([{ long, valueName }, value]) => ofTarget.includes(long) && (valueName === undefined || value !== ""),
  );
  return readGlobalFlags([...globals, ...chosen]);
}
