import type { Context } from "../../../context.js";
import { itemKey } from "../../../fleet/refs.js";
import { unreadableAutomation } from "../../../operations/rows/read-with-progress.js";
import { RunsReader } from "../../../operations/rows/runs-reader.js";
import { sinceJson } from "../../../operations/rows/since-text.js";
import { loadKnownPauses } from "../shared/known-changes.js";
import type { Finders, Reach } from "./rows.js";

/** Gives what finds, for one look, what ran although it was paused; what was judged once isn't read again. */
export async function unexpectedFinder(context: Context, { isFleet }: { isFleet: boolean }) {
  const reader = new RunsReader(await context.client());
  return async (reach: Reach): Promise<NonNullable<Finders["findUnexpected"]>> => {
    const pauses = await loadKnownPauses(context);
    return async (rows) => {
      const items = rows.map((row) => {
        const { automation, deployment_id } = row;
        return { row, automation, deployment_id, automation_id: automation.automation_id };
      });
      const { since, unreadable } = await reader.sincePause(pauses(items), context);
      context.signal.throwIfAborted();
      for (const { item, error } of unreadable) {
        const { automation, deployment_name: name = "" } = item.row;
        const called = automation.name ?? automation.automation_id;
        reach.unreadable.push(unreadableAutomation(called, { target: { name }, error, isFleet }));
      }
      const found = items.flatMap(({ row, ...item }) => {
        const ran = since.get(itemKey(item));
        if (ran?.doubt !== undefined) reach.mayHaveRun += 1;
        return ran === undefined || ran.unexpected.length === 0 ? [] : [[row, sinceJson(ran)] as const];
      });
      return new Map(found);
    };
  };
}
