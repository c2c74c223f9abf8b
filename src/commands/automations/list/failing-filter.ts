import type { Context } from "../../../context.js";
import type { Selection } from "../../../fleet/selection.js";
import { unreadableAutomation } from "../../../operations/rows/read-with-progress.js";
import { RunsReader } from "../../../operations/rows/runs-reader.js";
import { selectFailing } from "../../../operations/rows/select-failing.js";
import type { Printer } from "../../../output/printer.js";
import type { AutomationRow } from "../shared/automation-columns.js";
import type { Finders, Reach } from "./rows.js";

/** Gives what finds, for one look, what fails as often as is asked; of what is as it was no run is read again. */
export async function failingFinder(
  context: Context,
  { selection, ...options }: { selection: Selection; printer: Printer; isFleet: boolean; isSilent?: boolean },
): Promise<((reach: Reach) => NonNullable<Finders["findFailing"]>) | undefined> {
  const { failures } = selection;
  if (failures === undefined) return undefined;
  const reader = new RunsReader(await context.client());
  return (reach) => async (rows) => {
    const items = rows.map((row) => {
      const { automation, deployment_id } = row;
      return { row, automation, deployment_id, automation_id: automation.automation_id };
    });
    const found = await selectFailing(context, items, { ...options, failures, reader });
    for (const { item, error } of found.unreadable) {
      const { automation, deployment_name: name = "" } = item.row;
      const called = automation.name ?? automation.automation_id;
      reach.unreadable.push(unreadableAutomation(called, { target: { name }, error, ...options }));
    }
    for (const item of items) item.row.failures = found.failuresOf(item);
    return new Set<AutomationRow>(found.items.map(({ row }) => row));
  };
}
