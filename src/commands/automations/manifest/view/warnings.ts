import type { Context } from "../../../../context.js";
import { positionText } from "../../../../manifest/mistake.js";
import type { Warning } from "../../../../manifest/warnings.js";
import { counted } from "../../../../output/count.js";
import type { Printer } from "../../../../output/printer.js";
import { annotateWarnings } from "./annotations.js";

const mostTold = 20;

/** Prints warnings on stderr, and under GitHub Actions at their lines; they stop nothing. */
export function printPlanWarnings(
  context: Pick<Context, "settings">,
  { printer, warnings }: { printer: Printer; warnings: readonly Warning[] },
): void {
  for (const warning of warnings.slice(0, mostTold)) printer.warn(warningText(warning));
  const more = warnings.length - mostTold;
  if (more > 0)
    printer.note(`… and ${counted(more, "more warning")}: herm automations lint lists all of the files`);
  annotateWarnings(context, { printer, warnings });
}

/** `herm.yaml:3:15: daylight saving in Europe/Berlin skips 02:30 on 28 Mar 2027`. */
export function warningText({ position, text }: Warning): string {
  return `${positionText(position)}: ${text}`;
}
