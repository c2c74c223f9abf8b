import type { HermClient } from "../api/client.js";
import { UnexpectedAnswerError } from "../api/errors.js";
import type { CallOptions } from "../api/request-options.js";
import type { Automation } from "../api/types.js";
import { isFresh } from "../files/owned-files.js";
import type { KnownAutomation, Listing } from "./presence.js";
import type { ReadOne } from "./silent-deployments.js";

/** Gives what the API answered to changes from here in the last 16 s: in one deployment, or in all. Never throws. */
export type AnswersReader = (deployment_id?: string) => readonly KnownAutomation[];

interface Answers {
  /** Changes whenever something is answered: until then nothing is loaded. */
  folder: string;
  load(): Promise<AnswersReader>;
}

const sources = new WeakMap<HermClient, Answers & { reader?: Promise<AnswersReader> }>();

/** Lets lists of this client be completed by what the API answered to changes from here. */
export function rememberAnswers(client: HermClient, answers: Answers): void {
  sources.set(client, { ...answers });
}

/** Reads what was answered lately; that nothing was costs one look at the disk. */
export async function answeredLately(
  client: HermClient,
  deployment_id?: string,
): Promise<readonly KnownAutomation[]> {
  const source = sources.get(client);
  if (source === undefined || !isFresh(source.folder)) return [];
  source.reader ??= source.load();
  return (await source.reader)(deployment_id);
}

interface CurrentListOptions extends CallOptions {
  signal: AbortSignal;
  /** Given where it is one of many. */
  readOne?: ReadOne | undefined;
}

/**
 * Lists a deployment's automations as they are, where a list lags behind what was answered here: what it says otherwise
 * is asked by GET. Throws where that fails, as where a page does.
 */
export function listCurrentAutomations(
  client: HermClient,
  deployment_id: string,
  { readOne, ...options }: CurrentListOptions,
): Promise<{ data: Automation[]; invalid: unknown[] }> {
  const { signal } = options;
  if (readOne === undefined) return readCurrent(client, deployment_id, options);
  const read = (limits: CallOptions) =>
    readCurrent(client, deployment_id, {
      ...options,
      ...limits,
      signal: limits.signal ?? signal,
      concurrency: 1,
    });
  return readOne(read, signal);
}

async function readCurrent(
  client: HermClient,
  deployment_id: string,
  { concurrency, ...options }: Omit<CurrentListOptions, "readOne"> & { concurrency?: number },
): Promise<{ data: Automation[]; invalid: unknown[] }> {
  // Every client comes with this module.
  const { listAllAutomations } = await import("./selection.js");
  const { data: automations, invalid } = await listAllAutomations(client, deployment_id, options);
  const known = await answeredLately(client, deployment_id);
  if (known.length === 0) return { data: automations, invalid };
  const { askForKnown } = await import("./presence.js");
  const { signal, maxWaitMs } = options;
  const reading: Listing = { deployment: { deployment_id }, automations };
  const [asked = reading] = await askForKnown(client, [reading], { known, signal, concurrency, maxWaitMs });
  for (const error of asked.unknown?.values() ?? []) throw error ?? notShown();
  return { data: [...asked.automations], invalid };
}

function notShown(): UnexpectedAnswerError {
  const message = "its list doesn't show yet what was changed from here in the last seconds";
  return new UnexpectedAnswerError(message, { status: 200 });
}
