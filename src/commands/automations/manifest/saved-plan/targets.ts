import type { Context } from "../../../../context.js";
import { unlessGone } from "../../../../fleet/read-many.js";
import { findDeployments, listDeployments, toTarget } from "../../../../fleet/selection.js";
import type { DeploymentPlan } from "../../../../manifest/plan/fleet-plan.js";

/** Most deployments that are read one by one. */
const fewDeployments = 10;

/** Gives plans the deployments' names of now, which the file could misstate; the id for one that is gone. */
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
