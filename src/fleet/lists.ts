import { saysNotThere } from "../api/answers.js";
import type { HermClient } from "../api/client.js";
import { UnchangedError } from "../api/errors.js";
import type { CallOptions } from "../api/request-options.js";
import type { AutomationCall } from "../api/resources/automations.js";
import type { Automation, AutomationRef, Page } from "../api/types.js";
import type { Context } from "../context.js";
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
  clock: Pick<Context, "sleep" | "monotonic" | "signal">;
}

/** What a command knows of the automations that it reaches with a client. */
export class Source {
  reader: Promise<AnswersReader> | undefined;
  /** The ids that each deployment's newest list, or a later answer, has shown. */
  readonly shown = new Map<string, Set<string>>();
  /** Keys of what was deleted from here. */
  readonly deleted = new Set<string>();
  readonly listedAgain = new Map<string, { ms: number; done: Promise<unknown> }>();
  doubted = 0;

  constructor(readonly answers: Answers) {}

  show({ deployment_id, automation_id }: AutomationRef): void {
    const shown = this.shown.get(deployment_id) ?? new Set();
    this.shown.set(deployment_id, shown.add(automation_id));
  }

  shows(item: AutomationRef): boolean {
    const isShown = this.shown.get(item.deployment_id)?.has(item.automation_id) === true;
    return isShown && !this.deleted.has(itemKey(item));
  }
}

const sources = new WeakMap<HermClient, Source>();

/** Lets lists of this client be completed by what the API answered to changes from here. */
export function rememberAnswers(client: HermClient, answers: Answers): void {
  sources.set(client, new Source(answers));
}

/** Notes what was deleted from here: that it isn't there contradicts no list. */
export function noteDeleted(client: HermClient, item: AutomationRef): void {
  sources.get(client)?.deleted.add(itemKey(item));
}

/** Makes a client's call; the answer that there is no such automation isn't believed at once against what was shown. */
export async function guardCall<T>(client: HermClient, call: AutomationCall<T>): Promise<T> {
  const source = sources.get(client);
  const answer = await call.send().catch(async (error: unknown) => {
    const cause = error instanceof UnchangedError ? error.cause : error;
    const isMissing = saysNotThere(cause);
    if (isMissing && source?.shows(call))
      return (await import("./presence.js")).settleMissing(client, call, { source, cause });
    if (call.isDeletion && !isMissing) noteDeleted(client, call);
    throw error;
  });
  if (call.isDeletion) noteDeleted(client, call);
  else source?.show(call);
  return answer;
}

/** Reads what was answered lately; that nothing was costs one look at the disk. */
export async function answeredLately(
  client: HermClient,
  deployment_id?: string,
): Promise<readonly KnownAutomation[]> {
  const source = sources.get(client);
  if (source === undefined || !isFresh(source.answers.folder)) return [];
  source.reader ??= source.answers.load();
  return (await source.reader)(deployment_id);
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
  /** Given where it is one of many. */
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
    const { data, invalid } = await readPages(client, deployment_id, { ...options, ...limits });
    if (new Set(data.map(({ automation_id }) => automation_id)).size === data.length)
      return { data, invalid };
    const { withoutDoubles } = await import("./presence.js");
    const list = { deployment_id, data };
    return { data: await withoutDoubles(client, list, { ...options, ...limits }), invalid };
  }, options.signal);
}

export async function readPages(
  client: HermClient,
  deployment_id: string,
  options: CallOptions,
): Promise<WholeList> {
  const all: WholeList = { data: [], invalid: [] };
  for await (const page of automationPages(client, deployment_id, options)) {
    all.data.push(...page.data);
    all.invalid.push(...(page.invalid ?? []));
  }
  sources.get(client)?.shown.set(deployment_id, new Set(all.data.map(({ automation_id }) => automation_id)));
  return all;
}
