import { existsSync } from "node:fs";
import { join } from "node:path";
import { msOf } from "../../../api/door.js";
import type { Context } from "../../../context.js";
import type { Touch } from "../../../fleet/touch.js";
import type { LedgerItem, LedgerState } from "../../../incident/ledger-state.js";
import type { KnownChange } from "../../../observe/proven-times.js";
import { hasHadIncidents } from "./incident-marks.js";

/** By `<deployment>/<automation>`. */
export type KnownChanges = ReadonlyMap<string, readonly KnownChange[]>;

/** What this data folder, and the ledgers that it knows, have of changes of these deployments' automations. */
export async function readKnownChanges(
  context: Context,
  deploymentIds: readonly string[],
): Promise<KnownChanges> {
  const changes = new Map<string, KnownChange[]>();
  const add = (key: string, change: KnownChange) => {
    const others = changes.get(key);
    if (others === undefined) changes.set(key, [change]);
    else others.push(change);
  };
  const wanted = new Set(deploymentIds);
  for (const touch of await switchesHere(context)) {
    const { deploymentId, automationId, change, incident, at, servedAt = at } = touch;
    if (wanted.has(deploymentId))
      add(`${deploymentId}/${automationId}`, { change, incident, atMs: servedAt.getTime() });
  }
  for (const { head, items } of await statesOf(context, deploymentIds)) {
    const incident = context.settings.redact(head.incident);
    for (const [key, item] of items) for (const change of changesOf(item, incident)) add(key, change);
  }
  return changes;
}

/** Nothing is loaded where nothing was changed with this data folder. */
async function switchesHere({ settings }: Context): Promise<Touch[]> {
  if (!existsSync(join(settings.dataDir, "history"))) return [];
  const { touchesOf } = await import("../../../history/touches.js");
  return touchesOf(settings, { onlySwitches: true });
}

/** Nothing is loaded where this data folder has never had an incident. */
async function statesOf(context: Context, deploymentIds: readonly string[]): Promise<LedgerState[]> {
  if (!hasHadIncidents(context)) return [];
  const [{ IncidentFolder }, { readStates }] = await Promise.all([
    import("../../../incident/incident-folder.js"),
    import("./read-marks.js"),
  ]);
  return readStates(context, { places: new IncidentFolder(context.settings).places(), deploymentIds });
}

function changesOf(item: LedgerItem, incident: string): KnownChange[] {
  const changes = pausesOf(item).map((change) => ({ ...change, incident }));
  // Found paused then, whoever had paused it.
  const acknowledgedMs = msOf(item.acknowledged);
  return acknowledgedMs === undefined ? changes : [...changes, { change: "pause", atMs: acknowledgedMs }];
}

function pausesOf({ line, pause, pausedAt, pauseDate, resume, resumedAt }: LedgerItem): KnownChange[] {
  if (pause !== "done" || line.was_enabled !== true) return [];
  const atMs = msOf(pauseDate ?? pausedAt);
  if (atMs === undefined) return [];
  const { schedule, was_enabled: enabled, updated_at } = line;
  // So long before the pause's answer it was read: whatever this machine's clock says, by the server's that is the time.
  const readBeforeMs = Math.max(0, Date.parse(pausedAt ?? "") - Date.parse(line.at)) || 0;
  const before = { readMs: atMs - readBeforeMs, enabled, schedule, updated_at };
  const paused: KnownChange = { change: "pause", atMs, before };
  const resumedMs = msOf(resumedAt);
  return resume === "done" && resumedMs !== undefined
    ? [paused, { change: "resume", atMs: resumedMs }]
    : [paused];
}
