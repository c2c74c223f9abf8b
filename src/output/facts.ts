import type { OutputFormat } from "../settings/settings.js";
import type { Printer } from "./printer.js";
import { safe } from "./safe.js";

/** One thing told in several facts, in the order they are shown. */
export interface Facts {
  /** The field's name, off a terminal, and what it says there. */
  piped: readonly (readonly [field: string, value: string | null])[];
  /** The same for a person. Default: what a pipe gets. */
  shown?: readonly (readonly [label: string, value: string])[];
  json: unknown;
  /** The line of `-o name`. */
  name: string;
}

/** Prints facts in the format in force: aligned for a person, else a field and its value on each line, a tab between. */
export async function printFacts(printer: Printer, format: OutputFormat, facts: Facts): Promise<void> {
  if (format === "json") return printer.json(facts.json);
  if (format === "jsonl") return printer.jsonLine(facts.json);
  if (format === "name") return printer.line(safe(facts.name, "cell"));
  const piped = facts.piped.map(([field, value]) => [field, value ?? ""] as const);
  if (!printer.stdoutIsTty) {
    return printer.out(piped.map(([field, value]) => `${field}\t${safe(value, "cell")}\n`).join(""));
  }
  const shown = facts.shown ?? piped.map(([field, value]) => [field.replaceAll("_", " "), value] as const);
  const width = Math.max(...shown.map(([label]) => label.length));
  const lines = shown.map(([label, value]) => {
    return `${printer.style.dim(label.padEnd(width))}  ${value === "" ? "–" : safe(value, "cell")}\n`;
  });
  return printer.out(lines.join(""));
}
