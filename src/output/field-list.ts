import type { OneResult } from "./formats/format.js";
import { printOne } from "./one.js";
import type { Printer } from "./printer.js";
import { safe } from "./safe.js";

/** One thing told in several facts, in the order they are shown. */
export interface FieldList extends Pick<OneResult, "json" | "name"> {
  /** The field's name, off a terminal, and what it says there. */
  piped: readonly (readonly [field: string, value: string | null])[];
  /** The same for a person. Default: what a pipe gets. */
  shown?: readonly (readonly [label: string, value: string])[];
}

/** Prints facts in the format in force: aligned for a person, else a field and its value on each line, a tab between. */
export function printFields(printer: Printer, facts: FieldList): Promise<void> {
  return printOne(printer, { ...facts, table: () => printer.out(fieldLines(printer, facts).join("")) });
}

function fieldLines({ stdoutIsTty, style }: Printer, facts: FieldList): string[] {
  const piped = facts.piped.map(([field, value]) => [field, value ?? ""] as const);
  if (!stdoutIsTty) return piped.map(([field, value]) => `${field}\t${safe(value, "cell")}\n`);
  const shown = facts.shown ?? piped.map(([field, value]) => [field.replaceAll("_", " "), value] as const);
  if (style.isInWords)
    return shown.map(([label, value]) => `${label}: ${value === "" ? "none" : safe(value, "cell")}\n`);
  const width = Math.max(...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => {
    return `${label.padEnd(width)}  ${value === "" ? "–" : safe(value, "cell")}\n`;
  });
}
