import type { HermClient } from "../api/client.js";
import { UnexpectedAnswerError } from "../api/errors.js";
import type { Automation, DeploymentSummary } from "../api/types.js";
import { errorOf } from "./outcome.js";
import { checkReadings, type ReadManyOptions, readMany } from "./read-many.js";
import { listAllAutomations } from "./selection.js";
import type { ReadOne } from "./silent-deployments.js";

/** One deployment's automations, and the error where they, or some of them, can't be read. */
export interface DeploymentReading {
  deployment: DeploymentSummary;
  automations: readonly Automation[];
  error?: unknown;
}

interface FleetReadOptions
  extends Pick<ReadManyOptions<DeploymentSummary, unknown>, "signal" | "concurrency" | "onRead"> {
  deployments: readonly DeploymentSummary[];
  readOne?: ReadOne;
}

/**
 * Reads all automations of many deployments, in the order of `deployments`. Throws the API's error where the key is
 * refused everywhere, and the signal's reason.
 */
export async function readFleet(
  client: HermClient,
  { deployments, readOne, ...options }: FleetReadOptions,
): Promise<DeploymentReading[]> {
  const { signal } = options;
  const results = await readMany<DeploymentSummary, AutomationsRead>(deployments, {
    ...options,
    client,
    deploymentOf: ({ deployment_id }) => deployment_id,
    read: async ({ deployment_id }) =>
      withoutInvalid(await listAllAutomations(client, deployment_id, { signal, readOne })),
  });
  checkReadings(results, signal);
  return results.map(({ item: deployment, outcome }) => {
    if ("value" in outcome) return { deployment, ...outcome.value };
    return { deployment, automations: [], error: errorOf(outcome) };
  });
}

type AutomationsRead = Omit<DeploymentReading, "deployment">;

function withoutInvalid({
  data: automations,
  invalid,
}: Awaited<ReturnType<typeof listAllAutomations>>): AutomationsRead {
  if (invalid.length === 0) return { automations };
  const message = `${invalid.length} of its automations have no id, so they can't be changed`;
  return { automations, error: new UnexpectedAnswerError(message, { status: 200 }) };
}
