import { setImmediate as nextTurn } from "node:timers/promises";
import type { Automation } from "../../../../api/types.js";
import type { Context } from "../../../../context.js";
import { readOneOfMany } from "../../../../fleet/silent-deployments.js";
import { type DeploymentPlan, planFleet } from "../../../../manifest/plan/fleet-plan.js";
import type { PlanOptions } from "../../../../manifest/plan/plan.js";
import {
  type DeploymentState,
  type DesiredSource,
  readStates,
  type StateOptions,
} from "../../../../manifest/state/deployment-state.js";
import type { DesiredItems } from "../../../../manifest/state/desired-items.js";
import type { DesiredState } from "../../../../manifest/state/desired-state.js";
import type { Warning } from "../../../../manifest/warnings.js";
import type { Printer } from "../../../../output/printer.js";
import { ReadingProgress } from "../../../fleet/read-with-progress.js";
import { warnOfSkipped } from "../../../targets/selection.js";
import { type BadgesOf, loadIncidentBadges } from "../../shared/incident-badges.js";

export interface DesiredWork
  extends DesiredSource,
    Pick<StateOptions, "withInstructions" | "alsoWhole" | "waitReady"> {
  planOptions: Omit<PlanOptions, "whyPaused">;
  /** Makes what isn't ready a failure also where a selection found it. */
  isStrict?: boolean | undefined;
  conflictHint: string;
  printer: Printer;
  check?(states: readonly DeploymentState[]): void;
}

export interface Planning {
  plans: DeploymentPlan[];
  warnings: readonly Warning[];
  /** Plans one deployment again, by what is there now. */
  planAgain(deployment_id: string, listed: readonly Automation[]): Promise<DeploymentPlan | undefined>;
}

/** Reads the actual state, and plans what it takes to reach the desired one. Changes nothing. */
export async function planDesired(context: Context, work: DesiredWork): Promise<Planning> {
  const { targets, printer, waitReady } = work;
  const badgesOf = await loadIncidentBadges(context);
  const options = await stateOptions(context, work, badgesOf);
  const progress = new ReadingProgress(context, printer);
  const desired: DesiredState[] = [];
  let warnings: Promise<readonly Warning[]> = Promise.resolve([]);
  const readDesired = async function* () {
    for await (const state of work.readDesired()) {
      desired.push(state);
      yield state;
    }
    // While automations are read there is time for it.
    warnings = findWarnings(context, work, desired);
    warnings.catch(() => undefined);
  };
  const states = await readStates(
    { targets, readDesired },
    {
      ...options,
      waitReady,
      onStart: (stage, total) => progress.start(stage, total),
      onRead: () => progress.item(),
    },
  ).finally(() => progress.finish());
  work.check?.(states);
  const plans = planStates(work, states, badgesOf);
  for (const { target, isSkipped, isBroken } of plans) {
    if (isSkipped) warnOfSkipped(printer, target, isBroken);
  }
  const planAgain = async (deployment_id: string) => {
    const theirs = desired.filter(({ target }) => target.deployment_id === deployment_id);
    const their: DesiredSource = {
      targets: theirs.map(({ target }) => target),
      async *readDesired() {
        yield* theirs;
      },
    };
    const badgesNow = await loadIncidentBadges(context);
    const statesNow = await readStates(their, await stateOptions(context, work, badgesNow));
    return planStates(work, statesNow, badgesNow)[0];
  };
  return { plans, warnings: await warnings, planAgain };
}

/** Reads whole also what an incident holds, since nothing that is the same is created beside it. */
async function stateOptions(
  context: Context,
  { withInstructions, alsoWhole }: DesiredWork,
  badgesOf: BadgesOf,
): Promise<StateOptions> {
  const client = await context.client();
  return {
    client,
    signal: context.signal,
    readOne: readOneOfMany(context, client),
    withInstructions,
    alsoWhole: (automation, deployment_id) =>
      alsoWhole?.(automation, deployment_id) === true ||
      (withInstructions && badgesOf(deployment_id, automation).length > 0),
    sleep: (ms, by) => context.sleep(ms, by),
  };
}

/** Finds warnings about the selected part of the desired states; between deployments other work goes on. */
async function findWarnings(
  context: Context,
  { planOptions: { includes } }: DesiredWork,
  states: readonly DesiredState[],
): Promise<readonly Warning[]> {
  const { WarningCollector } = await import("../../../../manifest/warnings.js");
  const collector = new WarningCollector(context.serverNow());
  // What is desired alike in all deployments is checked once.
  const included = new Map<DesiredItems, DesiredItems>();
  for (const { target, desired } of states) {
    const items = desired.items.filter(({ name }) => includes?.({ automation_id: "", name }) ?? true);
    const chosen = included.get(desired) ?? { ...desired, items };
    included.set(desired, chosen);
    collector.check({ target, desired: chosen });
    await nextTurn();
  }
  return collector.warnings;
}

function planStates(
  { planOptions, isStrict, conflictHint }: DesiredWork,
  states: readonly DeploymentState[],
  badgesOf: BadgesOf,
): DeploymentPlan[] {
  return planFleet(states, {
    isStrict,
    conflictHint,
    planOptions: (deployment_id) => ({
      ...planOptions,
      whyPaused: (automation) => badgesOf(deployment_id, automation)[0]?.text,
    }),
  });
}
