import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context.js";
import { type Selection, selectsDeployments } from "../../fleet/selection.js";
import { deploymentsOf, toScope } from "../../incident/scope.js";
import { selectionWords } from "../targets/selection.js";

/**
 * The selection for another command. `isReadWhole`: an `--except` that matched nothing matches nowhere, and would be
 * refused.
 */
export function sameSelection(
  { settings }: Pick<Context, "settings">,
  { selection, isReadWhole }: { selection: Selection; isReadWhole: boolean },
): string[] {
  const { deployments, customer, match, except } = selection;
  const isOfAll = !selectsDeployments(selection) && settings.deployment() === undefined;
  const allDeployments = selection.allDeployments || isOfAll;
  const idle = isReadWhole ? except.unmatched : [];
  const fitting = except.values.filter((value) => !idle.includes(value));
  return selectionWords({ deployments, customer, match, except: fitting, allDeployments });
}

export function chooseDeployments(
  context: Context,
  { selection, everyone }: { selection: Selection; everyone: readonly DeploymentSummary[] },
): DeploymentSummary[] {
  const inUse = selectsDeployments(selection) ? undefined : context.settings.deployment()?.ref;
  const deployments = inUse === undefined ? selection.deployments : [inUse];
  const scope = toScope({ ...selection, deployments, except: [] }, { everyone, at: context.now() });
  return deploymentsOf(scope, everyone).filter(
    (deployment) => !selection.except.matchesDeployment(deployment),
  );
}
