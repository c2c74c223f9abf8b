import type { Context } from "../../context/context.js";
import { itemKey } from "../../fleet/refs.js";
import type { RecentItem } from "../../history/recent.js";
import { counted, joinNames } from "../../output/count.js";
import { createPrinter } from "../../output/printer.js";
import { openChanges } from "./read-recent.js";

/** The automation to look for; "": a created one without a known id. */
export interface Judged {
  deployment_id: string;
  automation_id: string | null;
}

/**
 * Reads, and reads again if it had to wait for earlier requests to these automations that could still take effect
 * (src/changes/README.md, "Without an answer").
 */
export async function readSettled<Value>(
  context: Context,
  read: () => Promise<Value>,
  judgedIn: (value: Value) => readonly Judged[],
): Promise<Value> {
  const first = await read();
  return (await waitForOpen(context, judgedIn(first))) ? read() : first;
}

/** Waits like `readSettled`; true if it had to wait. */
export async function waitForOpen(
  context: Context,
  judged: readonly Judged[],
  isRelevant: (change: RecentItem) => boolean = () => true,
): Promise<boolean> {
  const open = openChanges(context).filter(isRelevant);
  if (open.length === 0) return false;
  const keys = new Set(judged.map(itemKey));
  const changes = open.filter((change) =>
    keys.has(itemKey({ ...change, automation_id: change.automation_id ?? "" })),
  );
  if (changes.length === 0) return false;
  const longestMs = Math.max(...changes.map(({ openMs }) => openMs));
  (await createPrinter(context)).note(waitText(changes, longestMs));
  await context.sleep(longestMs, context.signal);
  return true;
}

function waitText(changes: readonly RecentItem[], openMs: number): string {
  const ids = [...new Set(changes.map(({ change }) => change))];
  const what = `${counted(changes.length, "change")} of ${joinNames(ids)} may still take effect`;
  return `${what}: waiting ${Math.ceil(openMs / 1000)} s`;
}
