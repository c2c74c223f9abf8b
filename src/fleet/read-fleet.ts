import type { HermClient } from "../api/client.js";
import { UnexpectedAnswerError } from "../api/errors.js";
import type { CallOptions } from "../api/request-options.js";
import type { DeploymentSummary } from "../api/types.js";
import { answeredLately, type KnownAutomation, type ListOptions, readList, type WholeList } from "./lists.js";
import { errorOf } from "./outcome.js";
import { type AskedBefore, askForKnown, type Listing } from "./presence.js";
import { checkReadings, type ReadManyOptions, readMany } from "./read-many.js";
import { itemKey } from "./refs.js";
import type { ReadOne } from "./silent-deployments.js";

/**
 * Lists a deployment's automations as they are, even if the list lags behind recent responses: a GET resolves any
 * contradiction. Throws if that GET fails, or a page can't be read.
 */
export function listCurrentAutomations(
  client: HermClient,
  deployment_id: string,
  { readOne, ...options }: ListOptions & { signal: AbortSignal },
): Promise<WholeList> {
  const { signal } = options;
  const read = async (limits: CallOptions, concurrency?: number): Promise<WholeList> => {
    const { data: automations, invalid } = await readList(client, deployment_id, { ...options, ...limits });
    const known = await answeredLately(client, deployment_id);
    if (known.length === 0) return { data: automations, invalid };
    const asking = { known, signal: limits.signal ?? signal, concurrency, maxWaitMs: options.maxWaitMs };
    const reading: Listing = { deployment: { deployment_id }, automations };
    const [asked = reading] = await askForKnown(client, [reading], asking);
    for (const error of asked.unknown?.values() ?? []) throw error ?? notShown();
    return { data: [...asked.automations], invalid };
  };
  return readOne === undefined ? read({}) : readOne((limits) => read(limits, 1), signal);
}

function notShown(): UnexpectedAnswerError {
  const message = "its list doesn't yet show changes that herm made seconds ago";
  return new UnexpectedAnswerError(message, { status: 200 });
}

/** One deployment's automations, and the error if some or all of them can't be read. */
export interface DeploymentReading extends Listing {
  deployment: DeploymentSummary;
}

interface FleetReadOptions
  extends Pick<ReadManyOptions<DeploymentSummary, unknown>, "signal" | "concurrency" | "onRead"> {
  deployments: readonly DeploymentSummary[];
  /** Automations to read one by one if the lists don't contain them (src/fleet/presence.ts). */
  known?: readonly KnownAutomation[] | undefined;
  asked?: AskedBefore | undefined;
  readOne?: ReadOne;
}

/**
 * Reads all automations in many deployments, in the order of `deployments`. Throws the signal's reason, and the API's
 * error if the key is refused everywhere.
 */
export async function readFleet(
  client: HermClient,
  { deployments, known = [], asked, readOne, ...options }: FleetReadOptions,
): Promise<DeploymentReading[]> {
  const { signal, concurrency } = options;
  const results = await readMany(deployments, {
    ...options,
    client,
    read: async ({ deployment_id }) => readList(client, deployment_id, { signal, readOne }),
  });
  checkReadings(results, signal);
  const readings = results.map(({ item: deployment, outcome }): DeploymentReading => {
    if (!("value" in outcome)) return { deployment, automations: [], error: errorOf(outcome) };
    const { data: automations, invalid } = outcome.value;
    return { deployment, automations, ...(invalid.length > 0 && { error: withoutId(invalid) }) };
  });
  const all = new Map([...known, ...(await answeredLately(client))].map((item) => [itemKey(item), item]));
  if (all.size === 0) return readings;
  return askForKnown(client, readings, { known: [...all.values()], asked, signal, concurrency });
}

function withoutId({ length }: readonly unknown[]): UnexpectedAnswerError {
  const has = length === 1 ? "has" : "have";
  const message = `${length} of its automations ${has} no id and can't be changed`;
  return new UnexpectedAnswerError(message, { status: 200 });
}
