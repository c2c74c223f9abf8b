import type { Context } from "../../../context.js";
import { fold } from "../../../output/fold.js";
import type { Look, Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { readApiIdentity } from "../../fleet/identity.js";
import { tellTogether } from "./alike.js";
import { renderPlan, resultsText } from "./plan-view.js";
import { type ChangeRow, printManifestRows } from "./rows.js";

/** What is said of a saved plan without rows. */
export const emptyPlan = "the plan changes nothing";

/** Rows where a plan is the result: for a person the plan itself. */
export async function printPlannedRows(
  context: Context,
  { printer, rows }: { printer: Printer; rows: readonly ChangeRow[] },
): Promise<void> {
  if (!printer.isForPerson) return printManifestRows(printer, rows);
  const count = new Set(rows.map((row) => row.deployment_id)).size;
  await printer.out(await planText(context, { rows, count, view: printer.look }));
}

/** A plan for a person, which begins with where it would be carried out. */
export async function planText(
  context: Context,
  { rows, count, view }: { rows: readonly ChangeRow[]; count: number; view: Look },
): Promise<string> {
  const { targetLine } = await import("../../fleet/session.js");
  const api = await readApiIdentity(context, await context.client());
  const target = targetLine(context, { chosen: count, total: count, api });
  return `${[fold(safe(target, "cell"), view.width), ...(await renderPlan(rows, view))].join("\n")}\n`;
}

interface Result {
  rows: readonly ChangeRow[];
  isSaved?: boolean;
  /** What failed has been told by now. */
  isTold?: boolean;
}

/** Every row, what failed on stderr too; to a person the rows with `--verbose` alone, what failed folded, and the counts. */
export async function printResult(
  printer: Printer,
  { rows, isSaved = false, isTold = false }: Result,
): Promise<void> {
  if (!printer.isForPerson) await printManifestRows(printer, rows, isSaved ? emptyPlan : undefined);
  else if (printer.isVerbose) {
    const { renderEvery } = await import("./result-view.js");
    await printer.out(await renderEvery(rows, printer));
  }
  if (!isTold) await tellFailures(printer, rows);
  if (printer.isForPerson) await printer.line(resultsText(rows, printer));
}

async function tellFailures(printer: Printer, rows: readonly ChangeRow[]): Promise<void> {
  const failed = rows.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return;
  const { failureLines, failureText, withColour } = await import("./result-view.js");
  const lines = printer.isForPerson
    ? failureLines(failed, printer.columns)
    : tellTogether(failed).map(failureText);
  for (const line of lines) printer.err(`${withColour(line, printer.errStyle)}\n`);
}
