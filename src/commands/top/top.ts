import { declareCommand, type InputOf } from "../../command/declaration.js";
import { reasonFlag, seldom } from "../../command/flags.js";
import { requestCodes } from "../../command/help.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { watchEnd } from "../../output/watch-end.js";
import { KeyReader } from "../../prompts/key-reader.js";
import { ReadingProgress } from "../fleet/reading.js";
import { readSelection, selectionFlags, warnOfUnfitted } from "../targets/selection.js";
import { WatchedDeployments } from "./deployments.js";
import { Feed, type Heard } from "./feed.js";
import { Session } from "./session.js";
import { stateCounts } from "./view.js";

export const command = declareCommand({
  effect: "changes",
  flags: { ...selectionFlags, reason: seldom(reasonFlag) },
  help: {
    about: "Watch a deployment or a whole fleet on one live screen that sorts, filters and scrolls.",
    use: "To see what happens now: what waits, fails or is late stands first. What runs do in the deployments in sight shows at once; all is read again every two seconds, a large fleet less often. Without a selection: the deployment in use or, where none is chosen, all.",
    notes:
      "p pauses, r resumes and t triggers after a y, a answers, Enter follows a run and comes back; ? shows all keys, q leaves. A deployment that doesn't answer is greyed and marked ~ until it does. kill -9 leaves the terminal as it was drawn: herm top and q mend it.",
    exitCodes: requestCodes({ 2: "there is no terminal to draw on" }),
    examples: ["herm top", "herm top --all-deployments", 'herm top --customer cus_9 --match "Report*"'],
  },
  run: (context, input): Promise<void> => showTop(context, input),
});

/** Draws until somebody leaves; what was counted last stays on the person's own screen. */
async function showTop(context: Context, input: InputOf<typeof command>): Promise<void> {
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
