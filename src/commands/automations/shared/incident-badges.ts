import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../../context.js";
import type { BadgesOf } from "./read-badges.js";

export type { BadgesOf, IncidentBadge } from "./read-badges.js";

const none: BadgesOf = () => [];

/** True when this data folder has ledgers to read. */
export function hasHadIncidents({ settings }: Pick<Context, "settings">): boolean {
  // `incidentsFolder` without loading the history: every list asks this.
  return existsSync(join(settings.dataDir, "history", "incidents"));
}

/**
 * Loads nothing where this data folder has never had an incident. What can't be read has no badge: `incidents list` says
 * why.
 */
export async function loadIncidentBadges(context: Context): Promise<BadgesOf> {
  if (!hasHadIncidents(context)) return none;
  const { readIncidentBadges } = await import("./read-badges.js");
  return readIncidentBadges(context);
}
