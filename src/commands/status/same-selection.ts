import { type Selection, selectsDeployments } from "../../fleet/selection.js";
import { selectionWords } from "../../operations/selection/selection.js";

/**
 * The selection for another command. `isReadWhole`: an `--except` that matched nothing matches nowhere, and would be
 * refused.
 */
export function sameSelection(selection: Selection, { isReadWhole }: { isReadWhole: boolean }): string[] {
  const { deployments, customer, match, except, failures } = selection;
  const allDeployments = selection.allDeployments || !selectsDeployments(selection);
  const idle = isReadWhole ? except.unmatched : [];
  const fitting = except.values.filter((value) => !idle.includes(value));
  return selectionWords({ deployments, customer, match, except: fitting, allDeployments, failures });
}
