/** Lists of automations, with what they may lack of our own changes. */

import type { HermClient } from "../api/client.js";
import type { CallOptions } from "../api/request-options.js";
import type { Automation, AutomationRef, Page } from "../api/types.js";
import { isFresh } from "../files/owned-files.js";
import { itemKey } from "./refs.js";
import type { ReadOne } from "./silent-deployments.js";

/** An automation that is known here, from a ledger, a record or the history, whether or not a list has it. */
export interface KnownAutomation extends AutomationRef {
  /**
   * Given where our own change of it was answered less than 16 s ago: false where what a list says, or that it has
   * none, isn't what was answered.
   */
  isAsAnswered?(listed: Automation | undefined): boolean;
  /** True where we don't know what was answered: what a list has stands where it can't be asked for. */
  isInDoubt?: boolean;
}

/** Gives what the API answered to changes from here in the last 16 s: in one deployment, or in all. Never throws. */
export type AnswersReader = (deployment_id?: string) => readonly KnownAutomation[];

interface Answers {
  /** Changes whenever something is answered: until then nothing is loaded. */
  folder: string;
  load(): Promise<AnswersReader>;
}

declare module "../api/client.js" {
  interface HermClient {
    answers?: Answers & { reader?: Promise<AnswersReader> };
    seen?: Seen;
  }
}

/** Lets lists of this client be completed by what the API answered to changes from here. */
export function rememberAnswers(client: HermClient, answers: Answers): void {
  client.answers = { ...answers };
}

/** Reads what was answered lately; that nothing was costs one look at the disk. */
export async function answeredLately(
  client: HermClient,
  deployment_id?: string,
): Promise<readonly KnownAutomation[]> {
  const { answers } = client;
  if (answers === undefined || !isFresh(answers.folder)) return [];
  answers.reader ??= answers.load();
  return (await answers.reader)(deployment_id);
}

/** Reads a deployment's list page by page. `prefetch`: the next one while one is worked on. */
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

/** A whole list; `invalid`: what has no id. */
export type WholeList = { data: Automation[]; invalid: unknown[] };

/** Reads a whole list; what it has twice, and differing, is settled by a GET. */
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

export function seenBy(client: HermClient): Seen {
  client.seen ??= new Seen();
  return client.seen;
}

/** Notes what a whole list shows. */
function noteListed(client: HermClient, deployment_id: string, data: readonly Automation[]): void {
  seenBy(client).shown.set(deployment_id, new Set(data.map(({ automation_id }) => automation_id)));
}

/** Gives a list's rows; those that came again, and differed, as a GET reads them. */
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
