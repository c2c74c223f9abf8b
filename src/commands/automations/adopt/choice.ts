import type { InputOf } from "../../../command/declaration.js";
import type { Context } from "../../../context.js";
import { selectsDeployments, toTarget } from "../../../fleet/selection.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import { scopeTest } from "../../../incident/scope.js";
import type { DeploymentPlan } from "../../../manifest/fleet-plan.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { Printer } from "../../../output/printer.js";
import { chooseScope, leaveOutUnready, narrowScope } from "../../fleet/choose.js";
import { persist } from "../../fleet/persist.js";
import { openFleetSession, readDeployments } from "../../fleet/session.js";
import { spellOutRefs } from "../../targets/automations.js";
import { requireRefs } from "../../targets/pick.js";
import { readSelection } from "../../targets/selection.js";
import type { OpenRecord } from "../manifest/record.js";
import type { command } from "./adopt.js";

export type AdoptInput = InputOf<typeof command>;

/** What refs or a selection choose. Throws where one of them fits nothing. */
export async function plansOfChoice(
  context: Context,
  { input, printer, record }: { input: AdoptInput; printer: Printer; record: OpenRecord },
): Promise<DeploymentPlan[]> {
  const selection = readSelection(context, input);
  const isSelection = selectsDeployments(selection) || selection.match !== undefined;
  const refs = isSelection
    ? input.refs
    : await spellOutRefs(context, await requireRefs(context, { refs: input.refs, verb: "adopt" }));
  const session = await openFleetSession(context);
  if (session.everyone.length > 1) await persist(context);
  const choosing = { refs, selection, isSelection };
  const { scope, deployments } = await chooseScope(context, session, choosing);
  const readings = await readDeployments(context, session, { deployments });
  leaveOutUnready(printer, readings);
  const items = fleetItems(readings).filter(scopeTest(narrowScope(scope, { choosing, readings, session })));
  return [...groupBy(items, ({ deployment_id }) => deployment_id).values()].flatMap((theirs) => {
    const [first] = theirs;
    if (first === undefined) return [];
    const target = toTarget(first.deployment, { isNamed: false });
    const found = theirs.map(({ automation: { automation_id, name } }) => ({
      action: record.has(target.deploymentId, automation_id) ? ("unchanged" as const) : ("adopt" as const),
      name: name ?? automation_id,
      automationId: automation_id,
    }));
    return [{ target, items: found, known: new Set<string>(), isPassedOver: false }];
  });
}
