import type { Context } from "../../context.js";
import { holds } from "../../incident/check.js";
import { toJsonLine } from "../../output/json.js";
import type { Printer } from "../../output/printer.js";
import { watchEnd } from "../../output/terminal/watch-end.js";
import { messageOf } from "../../report.js";
import { KeyedScreen } from "../fleet/keyed-screen.js";
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
  check: () => Promise<IncidentView>,
): Promise<void> {
  const screen = new KeyedScreen(context);
  const { canRedraw } = context.io;
  const printed = { text: "" };
  try {
    for (;;) {
      await showOnce(context, { printer, screen, canRedraw, printed, check });
      if (printer.closed) return;
      await context.sleep(everyMs, context.signal);
    }
  } catch (error) {
    if (!screen.isLeft) throw watchEnd(error, printer);
  } finally {
    await screen.close();
  }
}

interface CheckScreen {
  printer: Printer;
  canRedraw: boolean;
  /** The last text, where the screen isn't redrawn. */
  printed: { text: string };
  screen: KeyedScreen;
}

async function showOnce(
  context: Context,
  { check, ...view }: CheckScreen & { check: () => Promise<IncidentView> },
): Promise<void> {
  try {
    await print(view, await check());
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    view.printer.warn(`this check failed; the next is in ${everyMs / 1000} s: ${messageOf(error)}`);
  }
}

async function print(
  { printer, screen, canRedraw, printed }: CheckScreen,
  seen: IncidentView,
): Promise<void> {
  const { state, check } = seen;
  const table = async () => {
    if (printer.stdoutIsTty && !canRedraw) {
      // When it was looked at is no change.
      const text = JSON.stringify(checkJson(state, { ...check, checkedAt: check.checkedAt && new Date(0) }));
      if (text === printed.text) return;
      printed.text = text;
      return printer.out(await renderCheck(seen, printer));
    }
    if (printer.stdoutIsTty) return screen.show(await renderCheck(seen, printer, { isCut: true }));
    await printer.line(`${holds(check) ? "holds" : "doesn't hold"}\t${checkLine(check)}`);
  };
  const jsonLines = () => `${toJsonLine(checkJson(state, check), printer)}\n`;
  await (printer.format.events?.(printer, { jsonLines, table }) ?? table());
}
