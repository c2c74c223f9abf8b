import { InterruptedError, QuietExit } from "../../errors.js";
import type { Printer } from "../printer.js";

/** The error to throw where Ctrl-C is the usual end: to a person its exit code without a word. */
export function watchEnd(error: unknown, { format }: Pick<Printer, "format">): unknown {
  const isReported = error instanceof InterruptedError && format.isForReading;
  return isReported ? new QuietExit(error.exitCode) : error;
}
