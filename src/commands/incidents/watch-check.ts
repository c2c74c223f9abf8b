import type { Context } from "../../context.js";
import { isContained } from "../../incident/check.js";
import { KeyedScreen } from "../../operations/rows/keyed-screen.js";
import { toJsonLine } from "../../output/json.js";
import type { Printer } from "../../output/printer.js";
import { watchEnd } from "../../output/terminal/watch-end.js";
import { messageOf } from "../../report.js";
import { renderCheck } from "./check-print.js";
import { checkJson, checkLine, type IncidentView } from "./check-view.js";

const everyMs = 5_000;

/**
 * Checks again and again until `q` or Ctrl-C: redrawn in place, or on a terminal that can't be only what differs; in a pipe
 * a line a check. A failed check is a warning.
 */
export async function watchCheck(
  context: Context,
  printer: Printer,
  readCheck: () => Promise<IncidentView>,
): Promise<void> {
  const screen = new KeyedScreen(context);
  let last = "";
  const print = async (view: IncidentView) => {
    const { state, check } = view;
    const table = async () => {
      if (!printer.stdoutIsTty)
        return printer.line(`${isContained(check) ? "all paused" : "not all paused"}\t${checkLine(check)}`);
      if (context.io.canRedraw) return screen.show(await renderCheck(view, printer, { isCut: true }));
      // The time of the check is no change.
      const text = JSON.stringify(checkJson(state, { ...check, checkedAt: check.checkedAt && new Date(0) }));
      if (text === last) return;
      last = text;
      await printer.out(await renderCheck(view, printer));
    };
    const jsonLines = () => `${toJsonLine(checkJson(state, check), printer)}\n`;
    await (printer.format.events?.(printer, { jsonLines, table }) ?? table());
  };
  try {
    for (;;) {
      try {
        await print(await readCheck());
      } catch (error) {
        if (context.signal.aborted) throw context.signal.reason;
        printer.warn(`this check failed; the next is in ${everyMs / 1000} s: ${messageOf(error)}`);
      }
      if (printer.closed) return;
      await context.sleep(everyMs, context.signal);
    }
  } catch (error) {
    if (!screen.isQuit) throw watchEnd(error, printer);
  } finally {
    await screen.close();
  }
}
