import { isAutomationId, isDeploymentId } from "../../fleet/refs.js";
import { readSchedule } from "../../schedule/read.js";
import { ManifestError } from "../mistake.js";
import type { DeploymentPlan } from "../plan/fleet-plan.js";
import type { ManifestChanges, PlanItem } from "../plan/plan-item.js";
import { looksLikeManifest } from "../read/folder.js";
import { hermFileText } from "../read/herm-file.js";
import { looksLikePlan, type PlanHead, whyBroken } from "./format.js";
import type { WrittenItem, WrittenPlan } from "./write.js";

export interface SavedPlan extends PlanHead {
  plans: DeploymentPlan[];
}

/** Reads a plan's file. Throws ManifestError where it isn't as `writePlan` wrote it. */
export function readPlan(text: string, file: string): SavedPlan {
  const message = looksLikePlan(text) ? whyBroken(text) : whyNoPlan(text);
  if (message !== undefined) throw refusal(file, message);
  const saved = planIn(text);
  if (saved === undefined) throw refusal(file, "this isn't a plan that herm saved");
  return saved;
}

/** Refuses (undefined) a plan that herm never writes: only an attacker makes a right checksum for it. */
function planIn(text: string): SavedPlan | undefined {
  try {
    const { made_at, target, record, texts, deployments }: WrittenPlan = JSON.parse(text);
    const plans = deployments.map(
      ({ deployment_id, name, customer_id, recorded, items }): DeploymentPlan => ({
        target: { deployment_id, name, customer_id, isNamed: true },
        items: items.map((item) => itemOf(item, texts)),
        existingIds: new Set(),
        isSkipped: false,
        recorded,
      }),
    );
    const madeAt = new Date(made_at);
    const isRight = !Number.isNaN(madeAt.getTime()) && typeof target.origin === "string" && areValid(plans);
    return isRight ? { madeAt, target, record, plans } : undefined;
  } catch {
    return undefined;
  }
}

/** Restores an item. The file has each earlier value once, in `before`. */
function itemOf({ changes, before, template, ...item }: WrittenItem, texts: readonly string[]): PlanItem {
  const textAt = (at: number | undefined) => (at === undefined ? undefined : texts[at]);
  const seen = before && {
    ...before,
    automation_id: item.automation_id ?? "",
    instructions: textAt(before.instructions),
  };
  const { name, schedule, enabled, instructions } = changes ?? {};
  const changed: ManifestChanges = {
    ...(name && { name: { from: seen?.name ?? null, to: name.to } }),
    ...(schedule && { schedule: { from: seen?.schedule ?? null, to: schedule.to } }),
    ...(instructions && {
      instructions: { from: seen?.instructions ?? null, to: textAt(instructions.to) ?? "" },
    }),
    ...(enabled && { enabled: { from: seen?.enabled ?? null, to: enabled.to } }),
  };
  return {
    ...item,
    changes: changes && changed,
    before: seen,
    template: template && { ...template, varying: new Set(template.varying) },
  };
}

function whyNoPlan(text: string): string {
  const own = hermFileText(text);
  if (own !== undefined) return `this is ${own}`;
  return looksLikeManifest(text)
    ? "this looks like a manifest, which --file takes"
    : "no plan: herm_plan is missing";
}

function refusal(file: string, message: string): ManifestError {
  const hint = "to make a plan: herm apply --file <manifest> --plan-out <file>";
  return new ManifestError([{ position: { file, line: 1, column: 1 }, message }], { what: "the plan", hint });
}

/**
 * True when plans read from a file are as `writePlan` makes them. An attacker can make a right checksum: what is shown,
 * counted and held must be what is sent.
 */
function areValid(plans: readonly DeploymentPlan[]): boolean {
  const ids = plans.map(({ target }) => target.deployment_id);
  return areDistinct(ids) && ids.every((id) => isText(id) && isDeploymentId(id)) && plans.every(isValidPlan);
}

function isValidPlan({ items, target }: DeploymentPlan): boolean {
  const ids = items.flatMap(({ automation_id = [] }) => automation_id);
  return isText(target.name) && areDistinct(ids) && items.every(isValidItem);
}

function isValidItem(item: PlanItem): boolean {
  const {
    action,
    name,
    key = "",
    automation_id,
    before,
    changes,
    originalId = automation_id,
    sameNameIds = [],
    isKeptPaused = false,
  } = item;
  const ids = [automation_id, originalId, ...sameNameIds].filter((id) => id !== undefined);
  const isPausedThen = (changes?.enabled?.to ?? before?.enabled) === false;
  if (
    (isKeptPaused && !isPausedThen) ||
    typeof name !== "string" ||
    typeof key !== "string" ||
    !ids.every((id) => isText(id) && isAutomationId(id))
  )
    return false;
  if (action === "create")
    return (
      automation_id === undefined &&
      before === undefined &&
      isSendable(changes) &&
      changes?.schedule !== undefined &&
      changes.instructions !== undefined &&
      changes?.name?.to === name
    );
  if (automation_id === undefined || before === undefined) return false;
  if (action === "delete") return changes === undefined && before.name === name;
  if (action !== "update" && action !== "rename") return false;
  return isSendable(changes) && (changes?.name?.to ?? before.name) === name;
}

function isSendable(changes: PlanItem["changes"]): boolean {
  const { name, schedule, instructions, enabled } = changes ?? {};
  return (
    [name, schedule, instructions, enabled].some((change) => change !== undefined) &&
    [name, instructions].every((change) => change === undefined || isText(change.to)) &&
    (schedule === undefined || (isText(schedule.to) && readSchedule(schedule.to).ok)) &&
    (enabled === undefined || typeof enabled.to === "boolean")
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function areDistinct(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}
