import type { HermClient } from "../api/client.js";
import type { Automation, AutomationRef } from "../api/types.js";
import { itemKey } from "./refs.js";

/** What a command has seen of the automations that it reaches with a client. */
class Seen {
  /** The ids that each deployment's newest list, or a later answer, has shown. */
  readonly shown = new Map<string, Set<string>>();
  readonly #deleted = new Set<string>();
  readonly listedAgain = new Map<string, { ms: number; done: Promise<unknown> }>();
  doubted = 0;

  show({ deployment_id, automation_id }: AutomationRef): void {
    const shown = this.shown.get(deployment_id) ?? new Set();
    this.shown.set(deployment_id, shown.add(automation_id));
  }

  /** Notes what was deleted from here: that it isn't there contradicts no list. */
  delete(item: AutomationRef): void {
    this.#deleted.add(itemKey(item));
  }

  shows(item: AutomationRef): boolean {
    const isShown = this.shown.get(item.deployment_id)?.has(item.automation_id) === true;
    return isShown && !this.#deleted.has(itemKey(item));
  }
}

const byClient = new WeakMap<HermClient, Seen>();

export function seenBy(client: HermClient): Seen {
  const seen = byClient.get(client) ?? new Seen();
  byClient.set(client, seen);
  return seen;
}

/** Notes what a whole list shows. */
export function noteListed(client: HermClient, deployment_id: string, data: readonly Automation[]): void {
  seenBy(client).shown.set(deployment_id, new Set(data.map(({ automation_id }) => automation_id)));
}

/** Gives a list's rows; those that came again, and differed, as a GET reads them. */
export async function settleRepeated(
  { data, repeated }: Record<"data" | "repeated", readonly Automation[]>,
  get: (automation_id: string) => Promise<Automation>,
): Promise<Automation[]> {
  const rows = new Map(data.map((row) => [row.automation_id, row]));
  const differing = repeated.filter(
    (row) => JSON.stringify(row) !== JSON.stringify(rows.get(row.automation_id)),
  );
  for (const id of new Set(differing.map(({ automation_id }) => automation_id))) {
    const { unlessGone } = await import("./read-many.js");
    const row = await unlessGone(get(id));
    if (row === undefined) rows.delete(id);
    else rows.set(id, row);
  }
  return [...rows.values()];
}
