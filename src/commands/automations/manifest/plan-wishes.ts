import type { Context } from "../../../context.js";
import { type DeploymentPlan, planFleet } from "../../../manifest/fleet-plan.js";
import type { PlanOptions } from "../../../manifest/plan.js";
import { type Survey, type SurveyOptions, surveyAll } from "../../../manifest/survey.js";
import type { Warning } from "../../../manifest/warnings.js";
import type { Wish } from "../../../manifest/wishes.js";
import type { Printer } from "../../../output/printer.js";
import { ReadingProgress } from "../../fleet/reading.js";
import { warnOfLeftOut } from "../../targets/selection.js";
import { loadIncidentMarks } from "../shared/incident-marks.js";
import type { OpenRecord } from "./record.js";

export interface WishesWork extends Pick<SurveyOptions, "withInstructions" | "alsoWhole" | "waitReady"> {
  wishes: readonly Wish[];
  printer: Printer;
  /** The same for every deployment. */
  planOptions: Omit<PlanOptions, "whyPaused" | "mayPrune">;
  /** What was made from files; absent where that isn't recorded. */
  record?: Pick<OpenRecord, "has"> | undefined;
  /** What to do where names can't be told apart. */
  conflictHint: string;
  /** What isn't ready is a failure also where a selection found it. */
  isStrict?: boolean | undefined;
  /** Looks at all that is there; throws to plan nothing. */
  check?(surveys: readonly Survey[]): void;
}

export interface Planning {
  plans: DeploymentPlan[];
  /** What is odd about what is wanted, and the peaks that it makes: to be told below the plan. Worked out once. */
  warnings(): Promise<readonly Warning[]>;
  /** What would be planned for one of the deployments by what is there now. */
  planAgain(deploymentId: string): Promise<DeploymentPlan | undefined>;
}

/** Asks the API what is there, and plans what it takes to have what is wanted. Sends no change. */
export async function planWishes(context: Context, work: WishesWork): Promise<Planning> {
  const { wishes, printer, waitReady, withInstructions, alsoWhole } = work;
  const { signal } = context;
  const survey = {
    client: await context.client(),
    signal,
    withInstructions,
    alsoWhole,
    sleep: (ms: number, by?: AbortSignal) => context.sleep(ms, by),
  };
  const progress = new ReadingProgress(context, printer);
  const surveys = await surveyAll(wishes, {
    ...survey,
    waitReady,
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  work.check?.(surveys);
  const plans = await planSurveys(context, work, surveys);
  for (const { target, isPassedOver, isBroken } of plans) {
    if (isPassedOver) warnOfLeftOut(printer, target, isBroken);
  }
  const planAgain = async (deploymentId: string) => {
    const theirs = wishes.filter(({ target }) => target.deploymentId === deploymentId);
    const [plan] = await planSurveys(context, work, await surveyAll(theirs, survey));
    return plan;
  };
  let known: Promise<readonly Warning[]> | undefined;
  const warnings = () => {
    known ??= findWarnings({ ...work, surveys, plans, now: context.serverNow() });
    return known;
  };
  return { plans, warnings, planAgain };
}

async function findWarnings({
  planOptions: { includes = () => true },
  now,
  ...fleet
}: WishesWork & { surveys: readonly Survey[]; plans: readonly DeploymentPlan[]; now: Date }): Promise<
  Warning[]
> {
  const { fleetWarnings } = await import("./fleet-warnings.js");
  return fleetWarnings({ ...fleet, includes, now });
}

async function planSurveys(
  context: Context,
  { planOptions, record, isStrict, conflictHint }: WishesWork,
  surveys: readonly Survey[],
): Promise<DeploymentPlan[]> {
  const marksOf = await loadIncidentMarks(
    context,
    surveys.map(({ target }) => target.deploymentId),
  );
  return planFleet(surveys, {
    planOptions: (deploymentId) => ({
      ...planOptions,
      mayPrune: record && (({ automation_id }) => record.has(deploymentId, automation_id)),
      whyPaused: (automation) => marksOf(deploymentId, automation)[0]?.text,
    }),
    isStrict,
    conflictHint,
  });
}
