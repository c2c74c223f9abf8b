import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { automationFilter, type Selection } from "../../fleet/selection.js";
import { RunsReader } from "../../operations/rows/runs-reader.js";
import { selectFailing } from "../../operations/rows/select-failing.js";
import { createPrinter } from "../../output/printer.js";

/** Selects automations by names, and by failures where that is asked; reads no runs again that it has read. */
export class SelectedRows {
  readonly #isSelected: (automation: Automation) => boolean;
  #reader: RunsReader | undefined;

  constructor(
    private readonly context: Context,
    private readonly selection: Selection,
  ) {
    this.#isSelected = automationFilter(selection);
  }

  async select(deployment_id: string, automations: readonly Automation[]) {
    const { failures } = this.selection;
    const items = automations
      .filter(this.#isSelected)
      .map((automation) => ({ deployment_id, automation_id: automation.automation_id, automation }));
    if (failures === undefined) return { items, failuresOf: () => undefined, unreadable: [] };
    this.#reader ??= new RunsReader(await this.context.client());
    const printer = await createPrinter(this.context);
    return selectFailing(this.context, items, { failures, printer, reader: this.#reader, isSilent: true });
  }
}
