import type { Context } from "../../../context.js";
import type { Printer } from "../../../output/printer.js";
import { columnsNow } from "../../../output/terminal/watch.js";
import { liveView } from "../../../run-view/live-view.js";
import { jsonlView, plainView, type RunView, silentView } from "../../../run-view/view.js";

/** Chooses live on a terminal that can move its cursor, plain lines elsewhere, or what the format says. */
export function chooseView(context: Context, printer: Printer): RunView {
  const { io } = context;
  const { format } = printer;
  if (!format.isInWords) return format.events === undefined ? silentView(printer) : jsonlView(printer);
  if (!io.stdoutIsTty || !io.canRedraw) return plainView(printer);
  return liveView({
    printer,
    columns: () => columnsNow(io),
    now: () => context.monotonic(),
    sleep: (ms, signal) => context.sleep(ms, signal),
  });
}
