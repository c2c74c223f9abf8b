import type { Context } from "../../context.js";
import type { ChangeRecord } from "../../history/change-record.js";
import { createPrinter } from "../../output/printer.js";
import { explainItemError } from "../../report.js";

/**
 * Writes changes to the ledgers elsewhere that this data folder knows: an incident's resume skips what was changed outside
 * it. Never throws.
 */
export class ChangeRecords {
  readonly #touches: ChangeRecord[] = [];

  constructor(private readonly context: Pick<Context, "io" | "settings" | "now">) {}

  add(...touches: ChangeRecord[]): void {
    this.#touches.push(...touches);
  }

  /** True when a ledger couldn't be written, which is a warning: the changes themselves stand. */
  async close(): Promise<boolean> {
    if (this.#touches.length === 0) return false;
    const { settings } = this.context;
    try {
      const { updateLinkedLedgers: tellLinkedLedgers } = await import("../../incident/linked-ledgers.js");
      await tellLinkedLedgers(settings, this.#touches);
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
