import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { RunFailedError, RunWaitsError } from "../../../errors.js";
import type { Printer } from "../../../output/printer.js";

/** What was created in a talk. */
export interface CreatedRef {
  /** As `<deployment>/<automation>`. */
  ref: string;
  /** There was none before. */
  isFirst: boolean;
  isPaused: boolean;
}

/**
 * After a talk: offers to run the first automation of a deployment now and to follow the run, and says of any other how
 * that is done, since its schedule may be days away. How the run ends is shown, and is no failure of creating.
 */
export async function offerRun(
  context: Context,
  printer: Printer,
  { ref, isFirst, isPaused }: CreatedRef,
): Promise<void> {
  const isOffered = isFirst && !isPaused && printer.isForPerson;
  const message = "Run it now?";
  if (!isOffered || !(await context.prompts.confirm({ message, default: false })))
    return printer.hint(`${commandLine(context, ["automations", "trigger", ref])} runs it now`);
  const { triggerAutomation } = await import("../trigger.js");
  try {
    await triggerAutomation(context, ref, true);
  } catch (error) {
    if (!(error instanceof RunFailedError || error instanceof RunWaitsError)) throw error;
  }
}
