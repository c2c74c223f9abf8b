import type { OutputFormat } from "../settings/settings.js";
import type { Printer } from "./printer.js";
import { safe } from "./safe.js";

/** One result in every format (src/output/README.md, "The formats"). */
export interface OneResult {
  /** The object of `json` and `jsonl`. */
  json: unknown;
  /** The line of `name`; plain text. */
  name: string;
  /** Prints it for a person, or as fields in a pipe. */
  table(): Promise<void>;
}

/** Prints one result in the format in force. */
export function printOne(printer: Printer, format: OutputFormat, result: OneResult): Promise<void> {
  switch (format) {
    case "json":
      return printer.json(result.json);
    case "jsonl":
      return printer.jsonLine(result.json);
    case "name":
      return printer.line(safe(result.name, "cell"));
    case "table":
      return result.table();
  }
}
