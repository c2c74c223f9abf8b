/** Lists of automations, with our own recent changes added. */

import type { HermClient } from "../api/client.js";
import type { CallOptions } from "../api/request-options.js";
import type { Automation, AutomationRef, Page } from "../api/types.js";
import { isFresh } from "../files/owned-files.js";
import { itemKey } from "./refs.js";
import type { ReadOne } from "./silent-deployments.js";

/** An automation that a ledger, a record or the history contains, whether or not it is in a list. */
export interface KnownAutomation extends AutomationRef {
  /** Set if our own change was answered less than 16 s ago; false if the list item or its absence contradicts that. */
  isAsAnswered?(listed: Automation | undefined): boolean;
  /** True if our change's outcome is unknown. If the automation can't be read, the list's version then counts. */
  isInDoubt?: boolean;
}

/** Returns the API's responses to changes from here in the last 16 s, for one deployment or all. Never throws. */
export type AnswersReader = (deployment_id?: string) => readonly KnownAutomation[];

interface Answers {
  /** Changes with each response; as long as it doesn't, no code is loaded. */
  folder: string;
  load(): Promise<AnswersReader>;
}

declare module "../api/client.js" {
  interface HermClient {
    answers?: Answers & { reader?: Promise<AnswersReader> };
    seen?: Seen;
  }
}

/** Adds the API's responses to changes from here to this client's lists. */
export function rememberAnswers(client: HermClient, answers: Answers): void {
  client.answers = { ...answers };
}

/** Reads recent responses; if there are none, this only checks the disk once. */
export async function answeredLately(
  client: HermClient,
  deployment_id?: string,
): Promise<readonly KnownAutomation[]> {
  const { answers } = client;
  if (answers === undefined || !isFresh(answers.folder)) return [];
  answers.reader ??= answers.load();
  return (await answers.reader)(deployment_id);
}

/** Reads a deployment's list page by page. `prefetch`: reads the next page while one is being processed. */
export function automationPages(
  client: HermClient,
  deployment_id: string,
  { prefetch = false, ...options }: CallOptions & { prefetch?: boolean },
): AsyncIterable<Page<Automation>> {
  return client.automations.list(deployment_id, { limit: 100 }, options).pages({ prefetch });
}

export interface ListOptions extends CallOptions {
  readOne?: ReadOne | undefined;
}

/** A whole list. `invalid` contains the entries without an id. */
export type WholeList = { data: Automation[]; invalid: unknown[] };

/** Reads a whole list. If an automation is in it twice with differences, a GET decides. */
export async function readList(
  client: HermClient,
  deployment_id: string,
  { readOne = (read) => read({}), ...options }: ListOptions,
): Promise<WholeList> {
  return readOne(async (limits) => {
    const list = await readPages(client, deployment_id, { ...options, ...limits });
    const get = (id: string) => client.automations.get(deployment_id, id, { ...options, ...limits });
    return { data: await settleRepeated(list, get), invalid: list.invalid };
  }, options.signal);
}

export async function readPages(
  client: HermClient,
  deployment_id: string,
  options: CallOptions,
): Promise<WholeList & { repeated: Automation[] }> {
  const all = { data: [] as Automation[], invalid: [] as unknown[], repeated: [] as Automation[] };
  for await (const page of automationPages(client, deployment_id, options)) {
    all.data.push(...page.data);
    all.invalid.push(...(page.invalid ?? []));
    all.repeated.push(...(page.repeated ?? []));
  }
  noteListed(client, deployment_id, all.data);
  return all;
}

/** The automations that this command has seen through a client. */
class Seen {
  /** The ids in the latest list of each deployment, or in a later response. */
  readonly shown = new Map<string, Set<string>>();
  readonly #deleted = new Set<string>();
  readonly listedAgain = new Map<string, { ms: number; done: Promise<unknown> }>();
  doubted = 0;

  show({ deployment_id, automation_id }: AutomationRef): void {
    const shown = this.shown.get(deployment_id) ?? new Set();
    this.shown.set(deployment_id, shown.add(automation_id));
  }

  /** Notes a deletion from here, so that a 404 after it doesn't count as contradicting a list. */
  delete(item: AutomationRef): void {
    this.#deleted.add(itemKey(item));
  }

  shows(item: AutomationRef): boolean {
    const isShown = this.shown.get(item.deployment_id)?.has(item.automation_id) === true;
    return isShown && !this.#deleted.has(itemKey(item));
  }
}

export function seenBy(client: HermClient): Seen {
  client.seen ??= new Seen();
  return client.seen;
}

function noteListed(client: HermClient, deployment_id: string, data: readonly Automation[]): void {
  seenBy(client).shown.set(deployment_id, new Set(data.map(({ automation_id }) => automation_id)));
}

/** Returns the rows of a list; if an automation is repeated with differences, its row comes from a GET. */
async function settleRepeated(
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
