import type { Context } from "../../context.js";
import { createProgress, type Progress } from "../../fleet/progress.js";
import type { Printer } from "../../output/printer.js";

const nothing = () => undefined;
const silent: Progress = {
  item: nothing,
  more: nothing,
  beside: (print) => print(),
  stopping: nothing,
  finish: nothing,
};

/**
 * Shows on stderr how far a work of many items is: a bar on a terminal, a line every few seconds where nothing can be drawn
 * over, nothing under `--quiet`. It hears of Ctrl-C by itself; call `finish` in a `finally`.
 */
export function openProgress(
  context: Pick<Context, "io" | "settings" | "signal" | "monotonic">,
  printer: Printer,
  { verb, total }: { verb: string; total: number },
): Progress {
  if (context.settings.flags.quiet || total === 0) return silent;
  const { io, signal } = context;
  const progress = createProgress({
    verb,
    total,
    kind: io.stderrIsTty && io.canRedraw ? "bar" : "now and then",
    columns: io.columns,
    write: printer.err,
    monotonic: () => context.monotonic(),
  });
  const stop = () => progress.stopping();
  signal.addEventListener("abort", stop, { once: true });
  return {
    item: (isFailure) => progress.item(isFailure),
    more: (count) => progress.more(count),
    beside: (print) => progress.beside(print),
    stopping: stop,
    finish: () => {
      signal.removeEventListener("abort", stop);
      progress.finish();
    },
  };
}
