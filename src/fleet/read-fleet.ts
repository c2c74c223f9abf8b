import type { HermClient } from "../api/client.js";
import { UnexpectedAnswerError } from "../api/errors.js";
import type { DeploymentSummary } from "../api/types.js";
import { answeredLately } from "./current-list.js";
import { errorOf } from "./outcome.js";
import { type AskedBefore, askForKnown, type KnownAutomation, type Listing } from "./presence.js";
import { checkReadings, type ReadManyOptions, readMany } from "./read-many.js";
import { itemKey } from "./refs.js";
import { listAllAutomations } from "./selection.js";
import type { ReadOne } from "./silent-deployments.js";

/** One deployment's automations, and the error where they, or some of them, can't be read. */
export interface DeploymentReading extends Listing {
  deployment: DeploymentSummary;
}

interface FleetReadOptions
  extends Pick<ReadManyOptions<DeploymentSummary, unknown>, "signal" | "concurrency" | "onRead"> {
  deployments: readonly DeploymentSummary[];
  /** Asked for one by one where the lists lack them (src/fleet/presence.ts). */
  known?: readonly KnownAutomation[] | undefined;
  asked?: AskedBefore | undefined;
  readOne?: ReadOne;
}

/**
 * Reads all automations of many deployments, in the order of `deployments`. Throws the API's error where the key is
 * refused everywhere, and the signal's reason.
 */
export async function readFleet(
  client: HermClient,
  { deployments, known = [], asked, readOne, ...options }: FleetReadOptions,
): Promise<DeploymentReading[]> {
  const { signal, concurrency } = options;
  const results = await readMany<DeploymentSummary, AutomationsRead>(deployments, {
    ...options,
    client,
    deploymentOf: ({ deployment_id }) => deployment_id,
    read: async ({ deployment_id }) =>
      withoutInvalid(await listAllAutomations(client, deployment_id, { signal, readOne })),
  });
  checkReadings(results, signal);
  const readings = results.map(({ item: deployment, outcome }): DeploymentReading => {
    if ("value" in outcome) return { deployment, ...outcome.value };
    return { deployment, automations: [], error: errorOf(outcome) };
  });
  const all = new Map([...known, ...(await answeredLately(client))].map((item) => [itemKey(item), item]));
  if (all.size === 0) return readings;
  return askForKnown(client, readings, { known: [...all.values()], asked, signal, concurrency });
}

type AutomationsRead = Omit<DeploymentReading, "deployment">;

function withoutInvalid({
  data: automations,
  invalid,
}: Awaited<ReturnType<typeof listAllAutomations>>): AutomationsRead {
  if (invalid.length === 0) return { automations };
  const { length } = invalid;
  const [has, it] = length === 1 ? ["has", "it"] : ["have", "they"];
  const message = `${length} of its automations ${has} no id, so ${it} can't be changed`;
  return { automations, error: new UnexpectedAnswerError(message, { status: 200 }) };
}
