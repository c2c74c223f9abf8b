import type { Context } from "../../context.js";
import type { ChangeRecord } from "../../history/change.js";
import { createPrinter } from "../../output/printer.js";
import { explainItemError } from "../../report.js";

/**
 * Writes changes to the ledgers elsewhere that this data folder knows: an incident's resume skips what was changed outside
 * it. Never throws: true when one couldn't be written, which is a warning, since the changes themselves stand.
 */
export async function recordElsewhere(
  context: Pick<Context, "io" | "settings">,
  records: readonly ChangeRecord[],
): Promise<boolean> {
  if (records.length === 0) return false;
  const { settings } = context;
  try {
    const { updateLinkedLedgers } = await import("../../incident/linked-ledgers.js");
    await updateLinkedLedgers(settings, records);
    return false;
  } catch (error) {
    const printer = await createPrinter(context);
    const { message, hint } = explainItemError(error, settings);
    printer.warn(
      `this change could not be recorded in an incident's ledger, so its resume won't see it: ${message}`,
    );
    if (hint !== undefined) printer.hint(hint);
    return true;
  }
}
