import type { Context } from "../../context.js";
import { holds } from "../../incident/check.js";
import { toJsonLine } from "../../output/json.js";
import type { Printer } from "../../output/printer.js";
import { WatchScreen } from "../../output/watch.js";
import { watchEnd } from "../../output/watch-end.js";
import { messageOf } from "../../report.js";
import { renderLook } from "./check-print.js";
import { checkJson, checkLine, type IncidentLook } from "./check-view.js";

const everyMs = 5_000;

/**
 * Looks again and again until Ctrl-C: on a terminal redrawn in place, elsewhere a line a look. A look that fails is told
 * and tried again. Ends only by the signal, with its code.
 */
export async function watchCheck(
  context: Context,
  printer: Printer,
  look: () => Promise<IncidentLook>,
): Promise<void> {
  const screen = new WatchScreen(context.io);
  try {
    for (;;) {
      await showOnce(context, { printer, screen, look });
      if (printer.closed) return;
      await context.sleep(everyMs, context.signal);
    }
  } catch (error) {
    throw watchEnd(error, printer);
  } finally {
    await screen.close();
  }
}

async function showOnce(
  context: Context,
  { printer, screen, look }: { printer: Printer; screen: WatchScreen; look: () => Promise<IncidentLook> },
): Promise<void> {
  try {
    await print(printer, screen, await look());
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    printer.warn(`this look failed, the next comes in ${everyMs / 1000} s: ${messageOf(error)}`);
  }
}

async function print(printer: Printer, screen: WatchScreen, seen: IncidentLook): Promise<void> {
  const { state, check } = seen;
  const table = async () => {
    if (printer.stdoutIsTty) return screen.show(await renderLook(seen, printer));
    await printer.line(`${holds(check) ? "holds" : "doesn't hold"}\t${checkLine(check)}`);
  };
  const jsonLines = () => `${toJsonLine(checkJson(state, check), printer)}\n`;
  await (printer.format.events?.(printer, { jsonLines, table }) ?? table());
}
