import { createPrinter, type Printer } from "../../src/output/printer.js";

interface PrinterOptions {
  io: Parameters<typeof createPrinter>[0]["io"];
  output?: string;
  quiet: boolean;
  githubActions: boolean;
}

/** A printer for when there are no settings to read. */
export function openPrinter({
  io,
  output = "table",
  quiet,
  githubActions,
}: PrinterOptions): Promise<Printer> {
  const env = (name: string) => (githubActions && name === "GITHUB_ACTIONS" ? "true" : undefined);
  return createPrinter({ io, settings: { output, env, redact: (text) => text, flags: { quiet } } });
}
