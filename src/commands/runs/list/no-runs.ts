import { commandLine, sameDeployment } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import type { ListedFacts, SeenAutomation } from "./reach.js";

/** The hint of a deployment in which nothing has run. */
export function noRunsYet(
  context: Pick<Context, "settings">,
  { facts, seen }: { facts: ListedFacts; seen: readonly SeenAutomation[] },
): string {
  if (facts.names.length === 0 && seen.length === 0) return "no runs yet: no automations were found";
  const [only, ...others] = seen;
  const isOne = only !== undefined && others.length === 0;
  const what = isOne
    ? [`${only.target.deployment_id}/${only.automation.automation_id}`]
    : sameDeployment(context);
  const trigger = commandLine(context, ["automations", "trigger", ...what]);
  return `no runs yet: ${trigger} starts one`;
}
