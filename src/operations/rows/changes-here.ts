import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AutomationRef } from "../../api/types.js";
import type { Context } from "../../context.js";
import { itemKey } from "../../fleet/refs.js";
import type { KnownChange } from "../../observe/proven-times.js";

/** Reads what this data folder changed, oldest first; loads nothing where it has changed nothing. Throws FileError. */
export async function readChangesHere(
  { settings }: Pick<Context, "settings">,
  how: { ofIncidents: boolean },
): Promise<(item: AutomationRef) => readonly KnownChange[]> {
  if (!existsSync(join(settings.dataDir, "history"))) return () => [];
  const { changeRecordsOf } = await import("../../history/change-records.js");
  const changes = new Map<string, KnownChange[]>();
  for (const { change, incident, at, servedAt = at, made, ...ids } of changeRecordsOf(settings, how)) {
    const known = changes.get(itemKey(ids)) ?? [];
    const atMs = servedAt.getTime();
    const { before, sentAt = at, ...more } = made ?? {};
    // The reading was at most a round trip before the sending: both times are by this machine's clock.
    const readMs = atMs - Math.max(0, at.getTime() - sentAt.getTime());
    known.push({ change, incident, atMs, before: before && { ...before, readMs }, ...more });
    changes.set(itemKey(ids), known);
  }
  return (item) => changes.get(itemKey(item)) ?? [];
}
