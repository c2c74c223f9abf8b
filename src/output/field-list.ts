import { drawBlock } from "./block.js";
import type { OneResult } from "./formats/format.js";
import { type Printer, printOne } from "./printer.js";
import { safe } from "./safe.js";
import { dash } from "./value-text.js";

export interface FieldList extends Pick<OneResult, "json" | "name"> {
  piped: readonly (readonly [field: string, value: string | null])[];
  /** The labels and values to display; by default, those used in a pipe. */
  shown?: readonly (readonly [label: string, value: string])[];
}

/** Prints fields: aligned on a terminal, and otherwise one on each line, with a tab between the field and its value. */
export function printFields(printer: Printer, fields: FieldList): Promise<void> {
  const table = async () => printer.line((await fieldLines(printer, fields)).join("\n"));
  return printOne(printer, { ...fields, table });
}

async function fieldLines({ stdoutIsTty, style }: Printer, { piped, shown }: FieldList): Promise<string[]> {
  const fields = piped.map(([field, value]) => [field, value ?? ""] as const);
  if (!stdoutIsTty) return fields.map(([field, value]) => `${field}\t${safe(value, "cell")}`);
  const rows = shown ?? fields.map(([field, value]) => [field.replaceAll("_", " "), value] as const);
  const texts = rows.map(([label, value]) => [label, safe(value, "cell")] as const);
  if (style.isInWords) return texts.map(([label, value]) => `${label}: ${value || "none"}`);
  return drawBlock(texts.map(([label, value]) => [label, value || dash]));
}
