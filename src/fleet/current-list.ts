import type { HermClient } from "../api/client.js";
import { UnexpectedAnswerError } from "../api/errors.js";
import type { RequestOptions } from "../api/request-options.js";
import type { Automation } from "../api/types.js";
import { answeredLately } from "./answered.js";
import type { Listing } from "./presence.js";
import { listAllAutomations } from "./selection.js";
import type { ReadOne } from "./silent-deployments.js";

interface CurrentListOptions extends RequestOptions {
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
  const read = (limits: RequestOptions) =>
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
