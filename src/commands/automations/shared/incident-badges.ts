import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../../context/context.js";
import type { ApiIdentity } from "../../../history/incident-lines.js";
import type { BadgesOf, OpenIncidents } from "./read-badges.js";

export type { BadgesOf, IncidentBadge } from "./read-badges.js";

export function hasHadIncidents({ settings }: Pick<Context, "settings">): boolean {
  // The path that `incidentsFolder` returns, without loading the history's code, because every list needs it.
  return existsSync(join(settings.dataDir, "history", "incidents"));
}

/** Loads only the badges. An unreadable ledger has none; `incidents list` reports why. */
export async function loadIncidentBadges(context: Context): Promise<BadgesOf> {
  return (await loadOpenIncidents(context)).badgesOf;
}

/** Loads no code if this data folder never had an incident. */
export async function loadOpenIncidents(context: Context, api?: ApiIdentity): Promise<OpenIncidents> {
  if (!hasHadIncidents(context)) return { badgesOf: () => [], broken: [] };
  return (await import("./read-badges.js")).readOpenIncidents(context, api);
}
