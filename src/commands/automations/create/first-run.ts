import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { RunFailedError, RunWaitsError } from "../../../errors/cli-errors.js";
import type { Printer } from "../../../output/printer.js";

/**
 * Offers to run a deployment's first automation now and follow the run. For any other automation, whose schedule may be
 * days away, prints the command as a hint. Create doesn't fail if the run does.
 */
export async function offerRun(
  context: Context,
  printer: Printer,
  { ref, isFirst, isPaused }: { ref: string; isFirst: boolean; isPaused: boolean },
): Promise<void> {
  const isOffered = isFirst && !isPaused && printer.isForPerson;
  const message = "Run it now?";
  if (!isOffered || !(await context.prompts.confirm({ message, default: false })))
    return printer.hint(`to run it now: ${commandLine(context, ["automations", "trigger", ref])}`);
  const { triggerAutomation } = await import("../trigger.js");
  try {
    await triggerAutomation(context, ref, true);
  } catch (error) {
    if (!(error instanceof RunFailedError || error instanceof RunWaitsError)) throw error;
  }
}
