import type { Context } from "../../context.js";
import type { ChangeRecord } from "../../history/change.js";
import { createPrinter } from "../../output/printer.js";
import { explainItemError } from "../../report.js";

/**
 * Writes changes to the ledgers elsewhere that this data folder knows: an incident's resume skips what was changed outside
 * it. Never throws.
 */
export class ChangeRecords {
  readonly #records: ChangeRecord[] = [];

  constructor(private readonly context: Pick<Context, "io" | "settings" | "now">) {}

  add(...records: ChangeRecord[]): void {
    this.#records.push(...records);
  }

  /** True when a ledger couldn't be written, which is a warning: the changes themselves stand. */
  async close(): Promise<boolean> {
    if (this.#records.length === 0) return false;
    const { settings } = this.context;
    try {
      const { updateLinkedLedgers } = await import("../../incident/linked-ledgers.js");
      await updateLinkedLedgers(settings, this.#records);
      return false;
    } catch (error) {
      const printer = await createPrinter(this.context);
      const { message, hint } = explainItemError(error, settings);
      printer.warn(
        `this change could not be recorded in an incident's ledger, so its resume won't see it: ${message}`,
      );
      if (hint !== undefined) printer.hint(hint);
      return true;
    }
  }
}
