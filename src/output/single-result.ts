import type { OneResult } from "./formats/format.js";
import type { Printer } from "./printer.js";

export function printOne(printer: Printer, result: OneResult): Promise<void> {
  return printer.format.one(printer, result);
}

/** Prints a result after which more may be printed: in JSON it is one line. */
export function printFirst(printer: Printer, result: OneResult): Promise<void> {
  const { one, first = one } = printer.format;
  return first(printer, result);
}
