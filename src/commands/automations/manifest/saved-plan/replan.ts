import type { Automation } from "../../../../api/types.js";
import { changedSincePlan } from "../../../../changes/planned-change.js";
import type { Context } from "../../../../context.js";
import { isSameSchedule, isSameText } from "../../../../manifest/plan/equality.js";
import type { DeploymentPlan } from "../../../../manifest/plan/fleet-plan.js";
import { whyHeld } from "../../../../manifest/plan/incident-hold.js";
import type { ActualAutomation, PlanItem } from "../../../../manifest/plan/plan-item.js";
import type { DesiredItem } from "../../../../manifest/state/desired-items.js";
import { essentialsOf, getIfThere } from "../../../../manifest/state/listing.js";
import { loadIncidentBadges } from "../../shared/incident-badges.js";

/**
 * Plans the names of a saved plan again by what is listed now: a name that was taken stops its item alone, and what was
 * created so already is unchanged. Nothing is created beside what an incident holds.
 */
export async function replanNames(
  context: Context,
  plan: DeploymentPlan,
  listed: readonly Automation[],
): Promise<DeploymentPlan> {
  const { deployment_id } = plan.target;
  const badgesOf = await loadIncidentBadges(context);
  const options = { client: await context.client(), signal: context.signal };
  const whole = new Map<string, ActualAutomation | undefined>();
  const items: PlanItem[] = [];
  for (const change of plan.items) {
    if (change.action === "create" || change.action === "rename") items.push(await replan(change));
  }
  return { ...plan, items };

  async function replan(change: PlanItem): Promise<PlanItem> {
    const { action, name, automation_id, sameNameIds = [] } = change;
    const others = listed.filter(
      (each) =>
        each.name === name &&
        each.automation_id !== automation_id &&
        !sameNameIds.includes(each.automation_id),
    );
    const [other] = others;
    if (other === undefined) return action === "create" ? besideHeld(change) : change;
    const only = others.length === 1 && action === "create" ? await read(other) : undefined;
    if (only !== undefined && isAsCreated(change, only)) {
      return { ...change, action: "unchanged", automation_id: only.automation_id };
    }
    const ids = others.map(({ automation_id }) => automation_id).join(", ");
    return { ...change, error: changedSincePlan(`the name now exists (${ids})`).message };
  }

  async function besideHeld(change: PlanItem): Promise<PlanItem> {
    const item = itemOf(change);
    const held: ActualAutomation[] = [];
    for (const each of listed) {
      const isHeld = badgesOf(deployment_id, each).length > 0;
      if (!isHeld || !isSameSchedule(item, { schedule: each.schedule ?? "" })) continue;
      const found = await read(each);
      if (found !== undefined) held.push(found);
    }
    return { ...change, ...whyHeld(item, held, (each) => badgesOf(deployment_id, each)[0]?.text) };
  }

  async function read({ automation_id }: Automation): Promise<ActualAutomation | undefined> {
    if (!whole.has(automation_id)) {
      const found = await getIfThere({ deployment_id, automation_id }, options);
      whole.set(automation_id, found && essentialsOf(found));
    }
    return whole.get(automation_id);
  }
}

/** The item that a create makes, to be compared. */
function itemOf({ name, changes = {} }: PlanItem): DesiredItem {
  const cron = changes.schedule?.to ?? "";
  const schedule = { ok: true, text: cron, cron } as const;
  return { name, schedule, instructions: changes.instructions?.to ?? "", initial: new Set() };
}

function isAsCreated(change: PlanItem, automation: ActualAutomation): boolean {
  const item = itemOf(change);
  return (
    isSameSchedule(item, automation) &&
    isSameText(item.instructions, automation.instructions) &&
    automation.enabled === (change.changes?.enabled?.to ?? true)
  );
}
