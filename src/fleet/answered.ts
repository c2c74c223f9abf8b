import type { HermClient } from "../api/client.js";
import { isFresh } from "../files/owned-files.js";
import type { KnownAutomation } from "./presence.js";

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
