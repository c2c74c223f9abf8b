import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../context.js";
import { itemKey } from "../../fleet/refs.js";
import type { ChangeRecord } from "../../history/change.js";
import type { FleetItem } from "../../incident/pause-plan.js";

/** Loads who paused what from here without an incident, where nobody has changed it since; nothing is read where there is no history. */
export async function loadPausers({
  settings,
}: Pick<Context, "settings">): Promise<(item: FleetItem) => { user: string } | undefined> {
  if (!existsSync(join(settings.dataDir, "history"))) return () => undefined;
  const { changeRecordsOf } = await import("../../history/change-records.js");
  const last = new Map<string, ChangeRecord>();
  for (const record of changeRecordsOf(settings, { onlySwitches: true, ofIncidents: false }))
    last.set(itemKey(record), record);
  return (item) => {
    const { change, user, switched } = last.get(itemKey(item)) ?? {};
    const { updated_at } = item.automation;
    const isLast = change === "pause" && updated_at !== undefined && switched?.updated_at === updated_at;
    return isLast && user !== undefined ? { user: settings.redact(user) } : undefined;
  };
}
