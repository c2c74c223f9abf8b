import type { Context } from "../../context.js";
import { type Selection, selectsDeployments } from "../../fleet/selection.js";
import { selectionWords } from "../targets/selection.js";

/** The selection for another command, which would ask for a deployment where none is in use. */
export function sameSelection({ settings }: Pick<Context, "settings">, selection: Selection): string[] {
  const { deployments, customer, match, except } = selection;
  const isOfAll = !selectsDeployments(selection) && settings.deployment() === undefined;
  const allDeployments = selection.allDeployments || isOfAll;
  return selectionWords({ deployments, customer, match, except: except.values, allDeployments });
}
