import type { AutomationDetail, AutomationFields } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { renderChanges } from "../../../output/diff.js";
import { createPrinter } from "../../../output/printer.js";

export interface ChangedFields {
  before: AutomationDetail;
  changes: Partial<AutomationFields>;
}

/** Shows each changed field before → after on stderr; instructions as a diff by line. */
export async function printFieldChanges(context: Context, { before, changes }: ChangedFields): Promise<void> {
  const printer = await createPrinter(context);
  if (printer.isQuiet || !printer.format.isInWords) return;
  const pairs = Object.entries(changes).map(([field, to]) => [field, { from: before[field], to }]);
  const lines = await renderChanges(Object.fromEntries(pairs), printer.errLook);
  printer.err(`${lines.join("\n")}\n`);
}
