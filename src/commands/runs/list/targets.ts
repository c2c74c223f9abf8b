import type { Context } from "../../../context.js";
import type { DeploymentTarget, Selection } from "../../../fleet/selection.js";
import { resolveAutomations } from "../../targets/resolve-automations.js";
import { resolveDeployments } from "../../targets/resolve-deployment.js";
import { refuseSelection } from "../../targets/selection.js";
import type { RunRowsOptions } from "./collect.js";

/** Finds the automations of refs, or the deployments of a selection. Throws UsageError for both. */
export async function targetsOf(
  context: Context,
  { refs, selection }: { refs: readonly string[]; selection: Selection },
): Promise<Pick<RunRowsOptions, "targets" | "automations">> {
  if (refs.length === 0) return { targets: await resolveDeployments(context, selection) };
  refuseSelection(selection);
  const targets = new Map<string, DeploymentTarget>();
  const automations = (await resolveAutomations(context, refs)).map(
    ({ deployment_id, deployment_name: name = deployment_id, automation_id, automation }) => {
      const target = targets.get(deployment_id) ?? { deployment_id, name, isNamed: true };
      targets.set(deployment_id, target);
      return { target, automation_id, name: automation?.name, last_run_at: automation?.last_run_at };
    },
  );
  return { targets: [...targets.values()], automations };
}
