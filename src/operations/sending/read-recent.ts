import type { AutomationRef } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import type { AnswersReader } from "../../fleet/lists.js";
import { itemKey } from "../../fleet/refs.js";
import { originInUse, readApiIdentity } from "../../history/api-identity.js";
import { answeredIn, RecentChanges, type RecentItem } from "../../history/recent.js";
import type { KnownChange } from "../../runs/proven-times.js";

type RecentContext = Pick<Context, "settings" | "now">;

/** Reads requests to the current API that were sent or answered less than 16 s ago. Throws FileError. */
export function recentReader(
  context: RecentContext,
): (options?: { except?: string | undefined }) => RecentItem[] {
  const recent = new RecentChanges(context.settings);
  const { origin, mayBeLocal } = originInUse(context);
  // Identifying a local server's store isn't worth a request.
  const isHere = ({ target }: RecentItem) =>
    target.store_id === undefined ? target.origin === origin : mayBeLocal;
  return (options) => recent.read(context.now(), options).filter(isHere);
}

/** Returns none if the history can't be read, which writing to it reports. */
function lenientReader(context: RecentContext): () => RecentItem[] {
  const read = recentReader(context);
  return () => {
    try {
      return read();
    } catch {
      return [];
    }
  };
}

/** Returns the answers that a client's lists are compared with. */
export function answersReader(context: RecentContext): AnswersReader {
  const read = lenientReader(context);
  return (deployment_id) =>
    answeredIn(read().filter((item) => deployment_id === undefined || item.deployment_id === deployment_id));
}

/** Returns each automation's runs started from here less than 16 s ago, which reads may not show yet. */
export function runsStartedLately(context: RecentContext): ReadonlyMap<string, readonly string[]> {
  const runs = new Map<string, string[]>();
  for (const { act, deployment_id, automation_id, run_id } of lenientReader(context)()) {
    if (act !== "trigger" || automation_id === null || run_id === undefined) continue;
    const key = itemKey({ deployment_id, automation_id });
    runs.set(key, [...(runs.get(key) ?? []), run_id]);
  }
  return runs;
}

/** Returns the changes and creates sent from here that may still take effect, whatever the answers since. */
export function openChanges(context: RecentContext): RecentItem[] {
  return lenientReader(context)().filter(
    ({ act, openMs }) => openMs > 0 && act !== "trigger" && act !== "answer",
  );
}

/** True for a change that enables an automation once it takes effect. */
export function isEnabling({ after }: RecentItem): boolean {
  return after.enabled === true;
}

/** Lists automations that an earlier change without a response may still enable, by `<deployment>/<automation>`. */
export function enabledByOpenChanges(context: RecentContext): ReadonlySet<string> {
  return new Set(openChanges(context).filter(isEnabling).map(itemKey));
}

/** Reads the changes that this data folder knows, oldest first. Throws FileError. */
export async function readChangesHere(
  context: Context,
  how: { ofIncidents: boolean },
): Promise<(item: AutomationRef) => readonly KnownChange[]> {
  const { changeRecordsOf } = await import("../../history/change-records.js");
  const { settings } = context;
  const changes = new Map<string, KnownChange[]>();
  const records = changeRecordsOf(settings, { ...how, isEverywhere: true });
  // Requests the id of a local server's store if an incident may belong to an earlier store, before a reset.
  const isAsked = records.some(({ incident, store_id }) => incident !== undefined && store_id !== undefined);
  const api = isAsked ? await readApiIdentity(context, await context.client()) : undefined;
  for (const { store_id, ...record } of records) {
    if (store_id !== undefined && store_id !== (api?.store_id ?? store_id)) continue;
    const known = changes.get(itemKey(record)) ?? [];
    known.push({ ...record, incident: record.incident && settings.redact(record.incident) });
    changes.set(itemKey(record), known);
  }
  return (item) => changes.get(itemKey(item)) ?? [];
}
