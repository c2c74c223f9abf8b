import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../../context/context.js";
import type { ApiIdentity } from "../../../history/incident-lines.js";
import type { BadgesOf, OpenIncidents } from "./read-badges.js";

export type { BadgesOf, IncidentBadge } from "./read-badges.js";

/** True when this data folder has ledgers to read. */
export function hasHadIncidents({ settings }: Pick<Context, "settings">): boolean {
  // `incidentsFolder` without loading the history: every list asks this.
  return existsSync(join(settings.dataDir, "history", "incidents"));
}

/** Loads the badges alone. What can't be read has none: `incidents list` says why. */
export async function loadIncidentBadges(context: Context): Promise<BadgesOf> {
  return (await loadOpenIncidents(context)).badgesOf;
}

/** Loads nothing where this data folder has never had an incident. */
export async function loadOpenIncidents(context: Context, api?: ApiIdentity): Promise<OpenIncidents> {
  if (!hasHadIncidents(context)) return { badgesOf: () => [], broken: [] };
  return (await import("./read-badges.js")).readOpenIncidents(context, api);
}
