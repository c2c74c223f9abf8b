import { isAutomationId, isDeploymentId } from "../../fleet/refs.js";
import { ManifestError } from "../mistake.js";
import type { DeploymentPlan } from "../plan/fleet-plan.js";
import type { ManifestChanges, PlanItem } from "../plan/plan-item.js";
import { looksLikeManifest } from "../read/folder.js";
import { ownFileText } from "../read/own-file.js";
import { looksLikePlan, type PlanHead, whyBroken } from "./shape.js";
import type { WrittenItem, WrittenPlan } from "./write.js";

/** A plan as a file has it, ready to be carried out. */
export interface SavedPlan extends PlanHead {
  plans: DeploymentPlan[];
}

/** Reads the text of a plan's file. Throws ManifestError where it isn't as `writePlan` wrote it. */
export function readPlan(text: string, file: string): SavedPlan {
  const message = looksLikePlan(text) ? whyBroken(text) : whatElse(text);
  if (message !== undefined) throw refusal(file, message);
  const { made_at, target, record, texts, deployments }: WrittenPlan = JSON.parse(text);
  const plans = deployments.map(({ deployment_id, name, customer_id, recorded, items }): DeploymentPlan => {
    const ids = items.flatMap(({ automationId = [] }) => automationId);
    // The sum tells what was damaged; a foe makes another.
    if (!isDeploymentId(deployment_id) || !ids.every(isAutomationId))
      throw refusal(file, "it has no real ids");
    const known = { deploymentId: deployment_id, name, customerId: customer_id, isNamed: true };
    const read = items.map((item) => itemOf(item, texts));
    return { target: known, items: read, known: new Set(), isPassedOver: false, recorded };
  });
  return { madeAt: new Date(made_at), target, record, plans };
}

function itemOf({ changes, before, template, ...item }: WrittenItem, texts: readonly string[]): PlanItem {
  const textAt = (at: number | undefined) => (at === undefined ? undefined : texts[at]);
  const { instructions } = changes ?? {};
  const from = instructions && { from: textAt(instructions.from) ?? null, to: texts[instructions.to] ?? "" };
  const changed: ManifestChanges | undefined = changes && { ...changes, instructions: from };
  return {
    ...item,
    changes: changed,
    before: before && { ...before, instructions: textAt(before.instructions) },
    template: template && { ...template, varying: new Set(template.varying) },
  };
}

function whatElse(text: string): string {
  const own = ownFileText(text);
  if (own !== undefined) return `this is ${own}`;
  return looksLikeManifest(text)
    ? "this looks like a manifest, which --file takes"
    : "no plan: herm_plan is missing";
}

function refusal(file: string, message: string): ManifestError {
  const hint = "make it again: herm automations apply --file <manifest> --plan-out <file>";
  return new ManifestError([{ place: { file, line: 1, column: 1 }, message }], { what: "the plan", hint });
}
