import type { InputOf } from "../../../command/declaration.js";
import type { Context } from "../../../context.js";
import { selectsDeployments, toTarget } from "../../../fleet/selection.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { retryOutages } from "../../fleet/outage-retry.js";
import { readScope } from "../../fleet/read-scope.js";
import { openFleetSession } from "../../fleet/session.js";
import { requireRefs } from "../../targets/pick.js";
import { readSelection } from "../../targets/selection.js";
import type { OpenRecord } from "../manifest/record/open-record.js";
import type { command } from "./adopt.js";

export type AdoptInput = InputOf<typeof command>;

/** Plans what refs or a selection choose. Throws where one of them matches nothing. */
export async function plansOfChoice(
  context: Context,
  { input, record }: { input: AdoptInput; record: OpenRecord },
): Promise<DeploymentPlan[]> {
  const selection = readSelection(context, input);
  const isSelection = selectsDeployments(selection) || selection.match !== undefined;
  const refs = isSelection ? input.refs : await requireRefs(context, { refs: input.refs, verb: "adopt" });
  const session = await openFleetSession(context);
  if (session.everyone.length > 1) await retryOutages(context);
  const choosing = { refs, selection, isSelection };
  const { items } = await readScope(context, session, choosing, { isWhole: true });
  return [...groupBy(items, ({ deployment_id }) => deployment_id).values()].flatMap((theirs) => {
    const [first] = theirs;
    if (first === undefined) return [];
    const target = toTarget(first.deployment, { isNamed: false });
    const found = theirs.map(({ automation: { automation_id, name } }) => ({
      action: record.has(target.deployment_id, automation_id) ? ("unchanged" as const) : ("adopt" as const),
      name: name ?? automation_id,
      automation_id,
    }));
    return [{ target, items: found, known: new Set<string>(), isSkipped: false }];
  });
}
