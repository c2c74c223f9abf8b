import type { AutomationFields } from "../../api/types.js";
import { type FieldName, isSameField, sentFields } from "../../changes/fields.js";
import type { Context } from "../../context.js";
import { readMany, unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import type { RecentItem } from "../../history/recent.js";
import { counted, joinNames } from "../../output/count.js";
import { createPrinter } from "../../output/printer.js";
import { openChanges } from "./recent.js";

/** An automation that was judged, and the fields that are to be sent to it, if any. */
export interface Planned {
  deployment_id: string;
  automation_id: string | null;
  fields?: { readonly [Field in FieldName]?: unknown } | undefined;
}

/** Times of the looks whether what is waited for is seen. */
const lookAfterMs: readonly number[] = [0, 500, 1_500, 3_500, 7_500];
const longestLookMs = 5_000;

/**
 * Reads, and once more where that had to wait for what was sent to these automations before and has no answer: until it
 * is seen, or can take effect no more (src/changes/README.md, "At most once").
 */
export async function readSettled<Value>(
  context: Context,
  read: () => Promise<Value>,
  plannedOf: (value: Value) => readonly Planned[],
): Promise<Value> {
  const first = await read();
  return (await waitForOpen(context, () => plannedOf(first))) ? read() : first;
}

/** Waits as `readSettled` does; true where there was anything to wait for. */
export async function waitForOpen(
  context: Context,
  planned: () => readonly Planned[],
  isRelevant: (change: RecentItem) => boolean = () => true,
): Promise<boolean> {
  const changes = openChanges(context).filter(isRelevant);
  if (changes.length === 0) return false;
  const fields = new Map(planned().map((each) => [itemKey(each), each.fields]));
  const concerned = changes.filter(
    (change) => fields.has(itemKey(change)) && !isCovered(change, fields.get(itemKey(change))),
  );
  if (concerned.length > 0) await waitUntilSeen(context, concerned);
  return concerned.length > 0;
}

async function waitUntilSeen(context: Context, changes: readonly RecentItem[]): Promise<void> {
  const startMs = context.monotonic();
  const longestMs = Math.max(...changes.map(({ leftMs }) => leftMs));
  const leftMs = (afterMs: number) => startMs + Math.min(afterMs, longestMs) - context.monotonic();
  let isPrinted = false;
  for (const afterMs of [...lookAfterMs, longestMs]) {
    await context.sleep(Math.max(0, leftMs(afterMs)), context.signal);
    if (leftMs(longestMs) <= 0) return;
    const unseen = await unseenOf(context, changes);
    if (unseen.length === 0) return;
    if (!isPrinted) (await createPrinter(context)).note(waitText(unseen, leftMs(longestMs)));
    isPrinted = true;
  }
}

/** The changes that have no answer still, and that no reading shows. */
async function unseenOf(context: Context, changes: readonly RecentItem[]): Promise<RecentItem[]> {
  const { signal } = context;
  const client = await context.client();
  // Sent again, it is another sending of the same change.
  const idOf = (change: RecentItem) => `${change.change} ${itemKey(change)}`;
  const open = new Set(openChanges(context).map(idOf));
  const results = await readMany(
    changes.filter((change) => open.has(idOf(change))),
    {
      client,
      signal,
      read: ({ deployment_id, automation_id }) => {
        const options = { signal, maxWaitMs: longestLookMs };
        return unlessGone(client.automations.get(deployment_id, automation_id ?? "", options));
      },
    },
  );
  signal.throwIfAborted();
  return results.flatMap(({ item, outcome }) => {
    if (!("value" in outcome)) return [item];
    const isSeen = outcome.value === undefined || (item.act !== "delete" && isCovered(item, outcome.value));
    return isSeen ? [] : [item];
  });
}

/** True where the fields have what the change sets. */
function isCovered({ act, after }: RecentItem, fields: Planned["fields"]): boolean {
  if (act === "delete" || fields === undefined) return false;
  const set = after as Partial<AutomationFields>;
  return sentFields(set).every((field) => isSameField(field, set[field], fields[field]) === true);
}

function waitText(changes: readonly RecentItem[], leftMs: number): string {
  const ids = [...new Set(changes.map(({ change }) => change))];
  const what = `${counted(changes.length, "change")} of ${joinNames(ids)} may have taken effect`;
  return `${what}: waiting up to ${Math.ceil(leftMs / 1000)} s`;
}
