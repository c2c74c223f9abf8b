import type { Context } from "../../context.js";
import { createProgress, type Progress } from "../../fleet/progress.js";
import type { Printer } from "../../output/printer.js";

const nothing = () => undefined;
const silent: Progress = { item: nothing, tell: nothing, stopping: nothing, finish: nothing };

/**
 * Shows on stderr how far a work of many items is: a bar on a terminal, a line an item elsewhere, nothing under
 * `--quiet`. It hears of Ctrl-C by itself; call `finish` in a `finally`.
 */
export function openProgress(
  context: Pick<Context, "io" | "settings" | "signal">,
  printer: Printer,
  { verb, total }: { verb: string; total: number },
): Progress {
  if (context.settings.flags.quiet || total === 0) return silent;
  const { io, signal } = context;
  const progress = createProgress({
    verb,
    total,
    isTerminal: io.stderrIsTty,
    columns: io.columns,
    write: printer.err,
  });
  const stop = () => progress.stopping();
  signal.addEventListener("abort", stop, { once: true });
  return {
    item: (line, isFailure) => progress.item(line, isFailure),
    tell: (line) => progress.tell(line),
    stopping: stop,
    finish: () => {
      signal.removeEventListener("abort", stop);
      progress.finish();
    },
  };
}
