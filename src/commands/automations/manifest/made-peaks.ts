import type { ActualAutomation, Change } from "../../../manifest/change.js";
import { type DeploymentPlan, isDifference } from "../../../manifest/fleet-plan.js";
import type { Survey } from "../../../manifest/survey.js";
import { type Firing, peaksOf } from "../../../observe/peaks.js";
import { dayMs } from "../../../output/duration.js";
import { peakTexts } from "../shared/peak-texts.js";

export interface PlannedFleet {
  surveys: readonly Survey[];
  /** Of these surveys, in their order. */
  plans: readonly DeploymentPlan[];
  /** What the selection lets through. */
  includes(automation: ActualAutomation): boolean;
  now: Date;
}

/** A month has every day that a schedule can name. */
const daysAhead = 31;

/**
 * `30 automations fire at Mon 09:00 UTC`: each minute of the coming month that is a peak over the selection once the plans
 * are carried out, and in which fewer fire now. Plain text.
 */
export function madePeaks({ surveys, plans, includes, now }: PlannedFleet): string[] {
  if (!plans.some(({ changes }) => changes.some(mayAddFires))) return [];
  const window = { sinceMs: now.getTime(), untilMs: now.getTime() + daysAhead * dayMs };
  const there = surveys.map(({ actual }) => actual.filter(includes));
  const before = peaksOf(there.flatMap(firingsOf), { window });
  const after = peaksOf(
    there.flatMap((actual, at) => firingsOf(carriedOut(actual, plans[at]))),
    { window },
  );
  const made = after.peaks.filter(({ minuteMs, fires }) => fires > (before.byMinute.get(minuteMs) ?? 0));
  return peakTexts(made, window);
}

function mayAddFires({ action, changes = {} }: Change): boolean {
  return action === "create" || changes.schedule !== undefined || changes.enabled?.to === true;
}

type Firable = Pick<ActualAutomation, "schedule" | "enabled">;

function firingsOf(automations: readonly Firable[]): Firing[] {
  return automations.filter(({ enabled }) => enabled).map(({ schedule }) => ({ schedule }));
}

/** What is there once the plan is carried out. */
function carriedOut(actual: readonly ActualAutomation[], plan: DeploymentPlan | undefined): Firable[] {
  const changes = (plan?.error === undefined ? (plan?.changes ?? []) : []).filter(
    (change) => isDifference(change) && change.error === undefined,
  );
  const changeOf = new Map(changes.map((change) => [change.automationId, change]));
  const rest = actual
    .filter(({ automation_id }) => changeOf.get(automation_id)?.action !== "delete")
    .map((automation) => firable(automation, changeOf.get(automation.automation_id)));
  const nothing = { schedule: "", enabled: true };
  const created = changes.filter(({ action }) => action === "create");
  return [...rest, ...created.map((change) => firable(nothing, change))];
}

function firable({ schedule, enabled }: Firable, { changes = {} }: Partial<Change> = {}): Firable {
  return { schedule: changes.schedule?.to ?? schedule, enabled: changes.enabled?.to ?? enabled };
}
