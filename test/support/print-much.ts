/** A program that prints like a command, for tests of pipes: `print-much <bytes> <json|table|text|change>`. */

import { printList } from "../../src/output/print-list.js";
import { finishOutput } from "../../src/output/sink.js";
import { openPrinter } from "./open-printer.js";

const bytes = Number(process.argv[2]);
const kind = process.argv[3];
const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdoutIsTty: false,
  stderrIsTty: false,
  colour: { stdout: false, stderr: false },
  columns: 80,
};

async function* rows() {
  for (let printed = 0; printed < bytes; printed += 1000) yield "x".repeat(999);
}

async function main(): Promise<void> {
  const printer = await openPrinter({
    io,
    output: kind === "json" ? kind : "table",
    quiet: false,
    githubActions: false,
  });
  if (kind === "text") await printer.out("x".repeat(bytes));
  else if (kind === "change") {
    for await (const row of rows()) await printer.line(row);
    printer.warn(`changed everything, closed=${printer.closed}`);
  } else {
    await printList(printer, {
      items: rows(),
      columns: [{ key: "text", title: "TEXT", cell: (row) => row }],
      json: (row) => row,
      name: (row) => row,
      empty: "nothing",
    });
  }
  await finishOutput(io);
}

main().catch((error: Error) => {
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
});
