import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { readOneOfMany } from "../../../fleet/silent-deployments.js";
import {
  type DeploymentPlan,
  type DeploymentPlanOptions,
  planDeployment,
} from "../../../manifest/plan/fleet-plan.js";
import {
  type DeploymentState,
  readStates,
  type StateOptions,
} from "../../../manifest/state/deployment-state.js";
import type { DesiredState } from "../../../manifest/state/desired-state.js";
import type { Warning } from "../../../manifest/warnings.js";
import { ReadingProgress } from "../../../operations/rows/progress.js";
import { warnOfSkipped } from "../../../operations/selection/selection.js";
import { type Judged, readSettled } from "../../../operations/sending/wait-for-open.js";
import type { Printer } from "../../../output/printer.js";
import { type BadgesOf, loadIncidentBadges } from "../../automations/shared/incident-badges.js";

interface DesiredWork extends Pick<StateOptions, "needsDetail" | "waitReady"> {
  desired: readonly DesiredState[];
  planOptions: Omit<DeploymentPlanOptions, "whyPaused">;
  printer: Printer;
  /** Checks what was read, and gives the states to plan by. */
  checkStates?(states: readonly DeploymentState[]): readonly DeploymentState[];
}

export interface Planning {
  plans: DeploymentPlan[];
  warnings: readonly Warning[];
  planAgain(deployment_id: string, listed: readonly Automation[]): Promise<DeploymentPlan | undefined>;
}

/** Reads the actual state, and plans what it takes to reach the desired one. Changes nothing. */
export async function planDesired(context: Context, work: DesiredWork): Promise<Planning> {
  const { printer, waitReady } = work;
  const badgesOf = await loadIncidentBadges(context);
  const options = await stateOptions(context, work, badgesOf);
  const progress = new ReadingProgress(context, printer);
  const readAll = () =>
    readStates(work.desired, {
      ...options,
      waitReady,
      onStart: (stage, total) => progress.start(stage, total),
      onRead: () => progress.item(),
    }).finally(() => progress.finish());
  const read = await readSettled(context, readAll, (found) => judgedIn(planStates(work, found, badgesOf)));
  const states = work.checkStates?.(read) ?? read;
  const plans = planStates(work, states, badgesOf);
  for (const { target, isSkipped, isBroken } of plans) {
    if (isSkipped) warnOfSkipped(printer, target, isBroken);
  }
  const planAgain = async (deployment_id: string) => {
    const desired = states.filter(({ target }) => target.deployment_id === deployment_id);
    const badgesNow = await loadIncidentBadges(context);
    const statesNow = await readStates(desired, await stateOptions(context, work, badgesNow));
    return planStates(work, statesNow, badgesNow)[0];
  };
  return { plans, warnings: await findWarnings(context, work, states), planAgain };
}

/** Reads whole also what an incident holds, since nothing that is the same is created beside it. */
async function stateOptions(
  context: Context,
  { needsDetail }: DesiredWork,
  badgesOf: BadgesOf,
): Promise<StateOptions> {
  const client = await context.client();
  return {
    client,
    signal: context.signal,
    readOne: readOneOfMany(context, client),
    needsDetail: (automation, deployment_id) =>
      needsDetail?.(automation, deployment_id) === true || badgesOf(deployment_id, automation).length > 0,
    sleep: (ms, by) => context.sleep(ms, by),
  };
}

/** Finds warnings about the selected part of the desired states. */
async function findWarnings(
  context: Context,
  { planOptions: { includes = () => true } }: DesiredWork,
  states: readonly DesiredState[],
): Promise<readonly Warning[]> {
  const { warningsOf } = await import("../../../manifest/warnings.js");
  const included = states.map(({ target, desired }) => ({
    target,
    desired: { ...desired, items: desired.items.filter(({ name }) => includes({ automation_id: "", name })) },
  }));
  return warningsOf(included, context.serverNow());
}

function judgedIn(plans: readonly DeploymentPlan[]): Judged[] {
  return plans.flatMap(({ target: { deployment_id }, items }) =>
    items.map(({ automation_id = null }) => ({ deployment_id, automation_id })),
  );
}

function planStates(
  { planOptions }: DesiredWork,
  states: readonly DeploymentState[],
  badgesOf: BadgesOf,
): DeploymentPlan[] {
  return states.map((state) => {
    const { deployment_id } = state.target;
    return planDeployment(state, {
      ...planOptions,
      whyPaused: (automation) => badgesOf(deployment_id, automation)[0]?.text,
    });
  });
}
