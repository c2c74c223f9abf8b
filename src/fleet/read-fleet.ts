import type { Herm } from "../api/client.js";
import { UnexpectedAnswerError } from "../api/errors.js";
import type { RequestOptions } from "../api/request-options.js";
import type { Automation, DeploymentSummary } from "../api/types.js";
import { execute } from "./execute.js";
import { keyRefusal } from "./failure.js";
import { errorOf } from "./outcome.js";

/** One deployment's automations, and why they, or some of them, can't be read. */
export interface DeploymentReading {
  deployment: DeploymentSummary;
  automations: readonly Automation[];
  error?: unknown;
}

export interface FleetReadOptions {
  deployments: readonly DeploymentSummary[];
  signal: AbortSignal;
  concurrency?: number | undefined;
  /** How long a deployment's requests may take, all attempts of each together; undefined: as usual. */
  maxWaitMsOf?(deploymentId: string): number | undefined;
  /** Hears of each deployment as it has been read. */
  onRead?(reading: { isFailure: boolean }): void;
}

/**
 * Reads the automations of many deployments, every page, several deployments at once; in the order of `deployments`. One
 * that can't be read doesn't stop the others. Throws the API's error where the key is refused everywhere, and the signal's reason.
 */
export async function readFleet(client: Herm, options: FleetReadOptions): Promise<DeploymentReading[]> {
  const { deployments, signal, concurrency, maxWaitMsOf, onRead } = options;
  const results = await execute<DeploymentSummary, AutomationsRead>({
    items: deployments,
    signal,
    concurrency,
    deploymentOf: ({ deployment_id }) => deployment_id,
    persistence: client.persistence,
    reader: client,
    run: async ({ deployment_id }) => ({
      result: "done",
      value: await readAutomations(client, deployment_id, {
        signal,
        maxWaitMs: maxWaitMsOf?.(deployment_id),
      }),
    }),
    onOutcome: (_, { result }) => onRead?.({ isFailure: result === "failed" }),
  });
  signal.throwIfAborted();
  const refusal = keyRefusal(results);
  if (refusal !== undefined) throw refusal;
  return results.map(({ item: deployment, outcome }) => {
    if ("value" in outcome) return { deployment, ...outcome.value };
    const error = errorOf(outcome);
    const automations: Automation[] = [];
    return error === undefined ? { deployment, automations } : { deployment, automations, error };
  });
}

type AutomationsRead = Omit<DeploymentReading, "deployment">;

async function readAutomations(
  client: Herm,
  deploymentId: string,
  options: RequestOptions,
): Promise<AutomationsRead> {
  const automations: Automation[] = [];
  let strays = 0;
  for await (const page of client.automations.list(deploymentId, { limit: 100 }, options).pages()) {
    automations.push(...page.data);
    strays += page.strays?.length ?? 0;
  }
  if (strays === 0) return { automations };
  const message = `${strays} of its automations came without an id, so nothing can be done about them`;
  return { automations, error: new UnexpectedAnswerError(message, { status: 200 }) };
}
