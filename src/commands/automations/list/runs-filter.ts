import type { Context } from "../../../context/context.js";
import { itemKey } from "../../../fleet/refs.js";
import { unreadableAutomation } from "../../../operations/rows/progress.js";
import { RunsReader, sinceJson } from "../../../operations/rows/runs-reader.js";
import { selectFailing } from "../../../operations/rows/select-failing.js";
import type { Printer } from "../../../output/printer.js";
import type { AutomationRow } from "../shared/automation-columns.js";
import { readSincePause } from "../shared/known-changes.js";
import type { Finders, RowFilters } from "./list-rows.js";

interface RunsFilter extends Pick<RowFilters, "selection" | "unexpected"> {
  printer: Printer;
  isFleet: boolean;
  isSilent?: boolean;
}

/**
 * Returns a function that finds automations that have failed as often as requested, or that ran while paused, and marks
 * their rows. Automations that haven't changed aren't read again.
 */
export async function runsFinder(
  context: Context,
  { selection: { failures }, unexpected, ...options }: RunsFilter,
): Promise<NonNullable<Finders["findByRuns"]>> {
  const { signal } = context;
  const reader = new RunsReader(await context.client());
  return async (rows, soFar) => {
    const items = rows.map((row) => {
      const { automation, deployment_id, deployment_name } = row;
      const { automation_id, name } = automation;
      return { row, automation, deployment_id, deployment_name, automation_id, name };
    });
    const failing = await selectFailing(context, items, { ...options, failures, reader });
    const ran = await readSincePause(context, unexpected ? items : [], { reader, signal });
    signal.throwIfAborted();
    for (const { item, error } of [...failing.unreadable, ...ran.unreadable])
      soFar.unreadable.push(unreadableAutomation(item, { error, ...options }));
    const found = new Set<AutomationRow>(failures === undefined ? [] : failing.items.map(({ row }) => row));
    // Set here, like `deployment_id`, to avoid copying each row.
    for (const item of items) {
      const { row } = item;
      const since = ran.since.get(itemKey(item));
      if (since?.doubt !== undefined) soFar.mayHaveRun += 1;
      row.failures = failing.failuresOf(item);
      row.runs = reader.runsOf(item);
      row.isUnexpected = since !== undefined && since.unexpected.length > 0;
      if (since === undefined || !row.isUnexpected) continue;
      row.extraJson = sinceJson(since);
      found.add(row);
    }
    return found;
  };
}
