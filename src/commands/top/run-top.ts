import type { Values } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { UsageError } from "../../errors/errors.js";
import { readSelection, type selectionFlags, warnOfUnmatched } from "../../operations/selection/selection.js";
import { createPrinter, type Printer, watchEnd } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { fold } from "../../output/text/fold.js";
import { formatLocalClock } from "../../output/time.js";
import { KeyReader } from "../../prompts/key-reader.js";
import { FleetReader } from "./fleet-reader.js";
import { Session } from "./session.js";
import { stateCounts } from "./view.js";
import { WatchedDeployments } from "./watched-deployments.js";

/** Draws until somebody leaves, and prints the last counts on the person's own screen. */
export async function showTop(context: Context, input: Values<typeof selectionFlags>): Promise<void> {
  const printer = await createPrinter(context);
  refuseWithoutTerminal(context, printer);
  const selection = readSelection(context, input);
  // A local server that has to be started says so before the screen is there.
  await context.client();
  const deployments = new WatchedDeployments(context, selection);
  const reader = new FleetReader(context, { deployments, selection });
  const session = new Session(context, { reader, printer });
  const { snapshot, interrupted } = await session.run();
  if (snapshot.at !== undefined) {
    for (const text of snapshot.stops) await printer.line(safe(text, "cell"));
    const what = safe(snapshot.reach?.what ?? snapshot.label, "cell");
    const counts = `${what}: ${stateCounts(snapshot.rows, snapshot)} · updated ${formatLocalClock(snapshot.at)}`;
    await printer.line(fold(counts, printer.columns));
    if (reader.isComplete) warnOfUnmatched(printer, selection);
  }
  if (interrupted !== undefined) throw watchEnd(interrupted, printer);
}

function refuseWithoutTerminal({ io, settings }: Context, printer: Printer): void {
  if (!printer.isForPerson || !io.canRedraw || !KeyReader.canRead(io)) {
    throw new UsageError("herm top needs an interactive terminal", {
      hint: (herm) => `${herm("status")} shows the same once, also in a pipe`,
    });
  }
  if (settings.flags.debug && io.stderrIsTty) {
    throw new UsageError("--debug would write over the screen", { hint: "send it to a file: 2>debug.log" });
  }
}
