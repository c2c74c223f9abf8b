import type { Context } from "../../context/context.js";
import type { PossibleChange } from "../../history/change.js";
import { explainItemError } from "../../invocation/report-error.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import type { Settings } from "../../settings/settings.js";
import { currentUser } from "./change-head.js";

/**
 * Writes changes to the ledgers elsewhere that this data folder knows, because a resume skips automations changed
 * outside its incident. Never throws: returns true, after a warning, if one couldn't be written.
 */
export async function recordElsewhere(
  context: Pick<Context, "io" | "settings">,
  records: readonly PossibleChange[],
): Promise<boolean> {
  if (records.length === 0) return false;
  const { settings } = context;
  try {
    const { updateLinkedLedgers } = await import("../../incident/linked-ledgers.js");
    const by = currentUser(context);
    const made = records.map((each) => ({ ...each, by }));
    await updateLinkedLedgers(settings, made);
    return false;
  } catch (error) {
    const what = "this change could not be recorded in an incident's ledger: its resume will ignore it";
    warnOf(await createPrinter(context), what, { error, settings });
    return true;
  }
}

/** Warns of a harmless error, with its hint. */
export function warnOf(
  printer: Pick<Printer, "warn" | "hint">,
  what: string,
  { error, settings }: { error: unknown; settings: Settings },
): void {
  const { message, hint } = explainItemError(error, settings);
  printer.warn(`${what}: ${message}`);
  if (hint !== undefined) printer.hint(hint);
}
