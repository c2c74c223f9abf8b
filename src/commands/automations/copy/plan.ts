import type { Context } from "../../../context.js";
import type { DeploymentPlan } from "../../../manifest/fleet-plan.js";
import type { PlanItem } from "../../../manifest/plan-item.js";
import type { Printer } from "../../../output/printer.js";
import { type Planning, planWishes } from "../manifest/plan-wishes.js";
import type { CopyInput, Copying } from "./choose.js";
import { type CopySource, type CopyWish, wishesOf } from "./wanted.js";

/** Plans what the targets lack, and with `--update` what differs there. */
export async function planCopies(
  context: Context,
  { copying, input, printer }: { copying: Copying; input: CopyInput; printer: Printer },
): Promise<Planning> {
  const wishes = wishesOf(copying.sources, copying.targets, input);
  const wanted = wishes.filter(({ desired }) => desired.items.length > 0);
  const planning = await planWishes(context, {
    targets: wanted.map(({ target }) => target),
    async *makeWishes() {
      yield* wanted;
    },
    printer,
    waitReady: { namedMs: input.waitReady },
    withInstructions: true,
    planOptions: {},
    conflictHint: "rename or delete all but one there, then copy again",
  });
  const byTarget = new Map(planning.plans.map((plan) => [plan.target.deploymentId, plan]));
  const plans = wishes.map((wish) =>
    withOwn(wish, byTarget.get(wish.target.deploymentId) ?? nothingIn(wish)),
  );
  return { ...planning, plans: input.update ? plans : plans.map(leavingDiffering) };
}

function nothingIn({ target }: CopyWish): DeploymentPlan {
  return { target, items: [], known: new Set(), isPassedOver: false };
}

function withOwn({ own }: CopyWish, plan: DeploymentPlan): DeploymentPlan {
  return { ...plan, items: [...plan.items, ...own.map(keepingSource)] };
}

function keepingSource({ automation: { name, automation_id } }: CopySource): PlanItem {
  return { action: "kept", name, automationId: automation_id, reason: "it is the source" };
}

/** What differs stays as it is, and is named. */
function leavingDiffering(plan: DeploymentPlan): DeploymentPlan {
  const items = plan.items.map((change): PlanItem => {
    if (change.action !== "update") return change;
    const { name, place, automationId, changes = {} } = change;
    const reason = `differs in ${Object.keys(changes).join(" and ")}; --update changes it`;
    return { action: "kept", name, place, automationId, reason };
  });
  return { ...plan, items };
}
