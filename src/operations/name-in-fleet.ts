import type { Context } from "../context/context.js";
import { knownDeployments, listDeployments } from "../fleet/selection.js";
import { textOrDash } from "../output/value-text.js";

const mostWaitMs = 2_000;

/**
 * Names an automation for display: `Acme/Weekly report` if there are several deployments. That takes one request if
 * they haven't been read; if it fails, the name alone has to do. Plain text.
 */
export async function nameInFleet(
  context: Pick<Context, "client" | "signal">,
  { deployment_id, name }: { deployment_id: string; name: string | null | undefined },
): Promise<string> {
  const deployment = await knownOrRead(context, deployment_id).catch(() => undefined);
  return deployment === undefined ? textOrDash(name) : `${deployment}/${textOrDash(name)}`;
}

/** The deployment's name or id; undefined if there is only one deployment. */
async function knownOrRead(
  context: Pick<Context, "client" | "signal">,
  deployment_id: string,
): Promise<string | undefined> {
  const client = await context.client();
  if (!knownDeployments(client).has(deployment_id))
    await listDeployments(client, undefined, context.signal, mostWaitMs);
  const known = knownDeployments(client);
  return known.size > 1 ? known.get(deployment_id) || deployment_id : undefined;
}
