import { InterruptedError, QuietExit } from "../../errors.js";
import type { Printer } from "../printer.js";

/**
 * What a command throws that ends by Ctrl-C alone, or has said already what becomes of it: the code of the interruption,
 * and to a person no word. Any other error comes back as it is.
 */
export function watchEnd(error: unknown, { format }: Pick<Printer, "format">): unknown {
  const isTold = error instanceof InterruptedError && format.isInWords;
  return isTold ? new QuietExit(error.exitCode) : error;
}
