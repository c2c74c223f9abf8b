import type { Context } from "../../../context.js";
import type { DeploymentTarget, Selection } from "../../../fleet/selection.js";
import { resolveAutomation } from "../../targets/automations.js";
import { resolveDeployments } from "../../targets/deployment.js";
import { refuseSelection } from "../../targets/selection.js";
import type { RunRowsOptions } from "./collect.js";

/** Where a list of runs looks: one automation's deployment, or those of the selection. Throws UsageError for both. */
export async function targetsOf(
  context: Context,
  { ref, selection }: { ref: string | undefined; selection: Selection },
): Promise<Pick<RunRowsOptions, "targets" | "automation">> {
  if (ref === undefined) return { targets: await resolveDeployments(context, selection) };
  refuseSelection(selection);
  const { deploymentId, automationId } = await resolveAutomation(context, ref);
  const target: DeploymentTarget = { deploymentId, name: deploymentId, isNamed: true };
  return { targets: [target], automation: { target, automationId } };
}
