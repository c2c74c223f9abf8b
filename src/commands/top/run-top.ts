import type { InputOf } from "../../command/declaration.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { watchEnd } from "../../output/watch-end.js";
import { KeyReader } from "../../prompts/key-reader.js";
import { ReadingProgress } from "../fleet/reading.js";
import { readSelection, warnOfUnfitted } from "../targets/selection.js";
import { WatchedDeployments } from "./deployments.js";
import { Feed, type Heard } from "./feed.js";
import { Session } from "./session.js";
import type { command } from "./top.js";
import { stateCounts } from "./view.js";

/** Draws until somebody leaves; what was counted last stays on the person's own screen. */
export async function showTop(context: Context, input: InputOf<typeof command>): Promise<void> {
  const printer = await createPrinter(context);
  refuseWithoutTerminal(context, printer);
  const selection = readSelection(context, input);
  const deployments = await WatchedDeployments.choose(context, selection);
  const feed = new Feed(context, { deployments, selection });
  const progress = new ReadingProgress(context, printer);
  progress.start("automations", deployments.all.length);
  const first = await feed.read({ onDeployment: () => progress.item() }).finally(() => progress.finish());
  warnOfUnfitted(printer, selection);
  const session = new Session(context, { feed, first, style: printer.style, note: printer.note });
  const { heard, interrupted } = await session.run();
  await printer.line(lastLine(heard));
  if (interrupted !== undefined) throw watchEnd(interrupted, printer);
}

/** What `heard` said last, for the scrollback. */
function lastLine(heard: Heard): string {
  const clock = heard.at.toTimeString().slice(0, 8);
  return `${safe(heard.place, "cell")}: ${stateCounts(heard.rows, heard)} · heard ${clock}`;
}

function refuseWithoutTerminal({ io, settings }: Context, printer: Printer): void {
  if (!printer.isForPerson || !io.canRedraw || !KeyReader.canRead(io)) {
    throw new UsageError("herm top needs a terminal that it can draw on, and the format table", {
      hint: (herm) => `${herm("status", "--watch")} tells what changes, and ${herm("status")} what is now`,
    });
  }
  if (settings.flags.debug && io.stderrIsTty) {
    throw new UsageError("--debug would write over the screen", { hint: "send it to a file: 2>debug.log" });
  }
}
