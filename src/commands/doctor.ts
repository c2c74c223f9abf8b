import type { Command } from "commander";
import type { Context } from "../context.js";
import { exitCodes, QuietExit } from "../errors.js";
import { printList } from "../output/list.js";
import { createPrinter } from "../output/printer.js";
import { checkFiles, checkProxy, checkServer, checkSettings, type Finding } from "./doctor-checks.js";

export function addDoctorCommand(parent: Command, context: Context): void {
  parent.command("doctor").action(() => examine(context));
}

/** Looks at everything, one after the other, and prints what was found. Ends with 1 if anything isn't well. */
export async function examine(context: Context): Promise<void> {
  const findings: Finding[] = [
    { check: "version", isWell: true, found: `herm ${context.version}` },
    checkSettings(context),
    ...checkFiles(context),
    ...checkProxy(context),
    ...(await checkServer(context)),
  ];
  const printer = await createPrinter(context);
  await printList<Finding>(printer, {
    format: context.settings.output,
    items: findings,
    columns: [
      {
        key: "state",
        title: "STATE",
        cell: ({ isWell }) => (isWell ? "✓ ok" : "✗ problem"),
        piped: ({ isWell }) => (isWell ? "ok" : "problem"),
        style: (text, { isWell }, style) => (isWell ? style.green(text) : style.red(text)),
      },
      { key: "check", title: "CHECK", cell: ({ check }) => check },
      { key: "found", title: "FOUND", cell: ({ found }) => found },
      { key: "advice", title: "WHAT TO DO", cell: ({ advice }) => advice ?? "" },
    ],
    json: ({ isWell, ...rest }) => ({ ...rest, state: isWell ? "ok" : "problem" }),
    name: ({ check }) => check,
    empty: "",
  });
  if (findings.some(({ isWell }) => !isWell)) throw new QuietExit(exitCodes.unexpected);
}
