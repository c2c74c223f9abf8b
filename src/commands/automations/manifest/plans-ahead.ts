import { type DeploymentPlan, type FleetPlanOptions, planDeployment } from "../../../manifest/fleet-plan.js";
import type { PlanOptions } from "../../../manifest/plan.js";
import type { ActualAutomation } from "../../../manifest/plan-item.js";
import type { Survey } from "../../../manifest/survey.js";
import type { OpenRecord } from "./record.js";

/** How each deployment is planned. */
export interface PlanningWork {
  /** The same for every deployment. */
  planOptions: Omit<PlanOptions, "whyPaused" | "mayPrune">;
  /** What was made from files; absent where that isn't recorded. */
  record?: Pick<OpenRecord, "has" | "isSettled"> | undefined;
  /** What isn't ready is a failure also where a selection found it. */
  isStrict?: boolean | undefined;
  /** What to do where names can't be told apart. */
  conflictHint: string;
}

/** `whyPaused`: what is known of why an automation of a deployment is paused. */
export function fleetPlanOptions(
  { planOptions, record, isStrict, conflictHint }: PlanningWork,
  whyPaused: (deploymentId: string, automation: ActualAutomation) => string | undefined,
): FleetPlanOptions {
  return {
    planOptions: (deploymentId) => ({
      ...planOptions,
      mayPrune: record && (({ automation_id }) => record.has(deploymentId, automation_id)),
      whyPaused: (automation) => whyPaused(deploymentId, automation),
    }),
    isStrict,
    conflictHint,
  };
}

/**
 * Plans deployments as they are read, while the server answers for others. Not those whose plan takes what is only known
 * once all is read: what incidents say, and what the record has where it isn't settled.
 */
export class PlansAhead {
  readonly plans = new Map<Survey, DeploymentPlan>();

  constructor(private readonly work: PlanningWork) {}

  note(survey: Survey): void {
    if (this.work.record?.isSettled === false) return;
    let isOpen = false;
    const options = fleetPlanOptions(this.work, () => {
      isOpen = true;
      return undefined;
    });
    const plan = planDeployment(survey, options);
    if (isOpen) return;
    this.plans.set(survey, plan);
  }
}
