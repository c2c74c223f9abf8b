import type { Context } from "../../../../context.js";
import { unlessGone } from "../../../../fleet/read-many.js";
import { findDeployments, listDeployments, toTarget } from "../../../../fleet/selection.js";
import type { DeploymentPlan } from "../../../../manifest/plan/fleet-plan.js";

/** So few are read one by one. */
const fewDeployments = 10;

/**
 * Plans with their deployments as they are called now: a file could call one of them what it isn't. One that isn't there
 * any more is called by its id.
 */
export async function withTargetsNow(
  context: Context,
  plans: readonly DeploymentPlan[],
): Promise<DeploymentPlan[]> {
  const client = await context.client();
  const { signal } = context;
  const ids = plans.map(({ target }) => target.deployment_id);
  const found =
    ids.length > fewDeployments
      ? await listDeployments(client, undefined, signal)
      : await Promise.all(ids.map((id) => unlessGone(findDeployments(client, [id], signal))));
  const now = new Map(found.flatMap((each) => each ?? []).map((each) => [each.deployment_id, each]));
  return plans.map((plan) => {
    const { deployment_id } = plan.target;
    return {
      ...plan,
      target: toTarget(now.get(deployment_id) ?? { deployment_id }, { isNamed: true }),
    };
  });
}
