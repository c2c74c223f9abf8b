import type { Automation } from "../../../../api/types.js";
import { changedSincePlan } from "../../../../changes/planned-change.js";
import type { Context } from "../../../../context.js";
import { isSameSchedule, isSameText } from "../../../../manifest/plan/equality.js";
import type { DeploymentPlan } from "../../../../manifest/plan/fleet-plan.js";
import { whyHeld } from "../../../../manifest/plan/incident-hold.js";
import type { ActualAutomation, PlanItem } from "../../../../manifest/plan/plan-item.js";
import type { DesiredItem } from "../../../../manifest/state/desired-items.js";
import { essentialsOf, getIfThere } from "../../../../manifest/state/listing.js";
import { type BadgesOf, loadIncidentBadges } from "../../shared/incident-badges.js";

/**
 * Plans the names of a saved plan again by what is listed now: a name that was taken stops its item alone, and what was
 * created so already is unchanged. Nothing is created beside what an incident holds.
 */
export async function replanNames(
  context: Context,
  plan: DeploymentPlan,
  listed: readonly Automation[],
): Promise<DeploymentPlan> {
  const badgesOf = await loadIncidentBadges(context);
  const replanner = new NameReplanner(context, {
    deployment_id: plan.target.deployment_id,
    listed,
    badgesOf,
  });
  const named = plan.items.filter(({ action }) => action === "create" || action === "rename");
  const items: PlanItem[] = [];
  for (const change of named) items.push(await replanner.replan(change));
  return { ...plan, items };
}

class NameReplanner {
  readonly #whole = new Map<string, Promise<ActualAutomation | undefined>>();

  constructor(
    private readonly context: Context,
    private readonly deployment: { deployment_id: string; listed: readonly Automation[]; badgesOf: BadgesOf },
  ) {}

  async replan(change: PlanItem): Promise<PlanItem> {
    const { name, automation_id, beside = [] } = change;
    const others = this.deployment.listed.filter(
      (each) =>
        each.name === name && each.automation_id !== automation_id && !beside.includes(each.automation_id),
    );
    const [other] = others;
    if (other === undefined) return change.action === "create" ? this.#besideHeld(change) : change;
    const isOnly = others.length === 1 && change.action === "create";
    const whole = isOnly ? await this.#read(other) : undefined;
    if (whole !== undefined && isAsCreated(change, whole)) {
      return { ...change, action: "unchanged", automation_id: whole.automation_id };
    }
    const ids = others.map(({ automation_id }) => automation_id).join(", ");
    return { ...change, error: changedSincePlan(`the name now exists (${ids})`).message };
  }

  async #besideHeld(change: PlanItem): Promise<PlanItem> {
    const { deployment_id, listed, badgesOf } = this.deployment;
    const item = itemOf(change);
    const held: ActualAutomation[] = [];
    for (const each of listed) {
      const isHeld = badgesOf(deployment_id, each).length > 0;
      if (!isHeld || !isSameSchedule(item, { schedule: each.schedule ?? "" })) continue;
      const whole = await this.#read(each);
      if (whole !== undefined) held.push(whole);
    }
    return { ...change, ...whyHeld(item, held, (each) => badgesOf(deployment_id, each)[0]?.text) };
  }

  #read({ automation_id }: Automation): Promise<ActualAutomation | undefined> {
    const known = this.#whole.get(automation_id) ?? this.#get(automation_id);
    this.#whole.set(automation_id, known);
    return known;
  }

  async #get(automation_id: string): Promise<ActualAutomation | undefined> {
    const { context, deployment } = this;
    const options = { client: await context.client(), signal: context.signal };
    const found = await getIfThere({ deployment_id: deployment.deployment_id, automation_id }, options);
    return found && essentialsOf(found);
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
