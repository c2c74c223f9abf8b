import type { Automation } from "../../../../api/types.js";
import type { Context } from "../../../../context.js";
import { type DeploymentPlan, planFleet } from "../../../../manifest/fleet-plan.js";
import type { PlanOptions } from "../../../../manifest/plan.js";
import { type Survey, type SurveyOptions, surveyAll, type Wanting } from "../../../../manifest/survey.js";
import type { Warning } from "../../../../manifest/warnings.js";
import type { Wish } from "../../../../manifest/wishes.js";
import type { Printer } from "../../../../output/printer.js";
import { ReadingProgress } from "../../../fleet/reading.js";
import { warnOfLeftOut } from "../../../targets/selection.js";
import { loadIncidentMarks } from "../../shared/incident-marks.js";

/** How each deployment is planned. */
interface PlanningWork {
  /** The same for every deployment. */
  planOptions: Omit<PlanOptions, "whyPaused">;
  /** What isn't ready is a failure also where a selection found it. */
  isStrict?: boolean | undefined;
  /** What to do where names can't be told apart. */
  conflictHint: string;
}

export interface WishesWork
  extends Wanting,
    PlanningWork,
    Pick<SurveyOptions, "withInstructions" | "alsoWhole" | "waitReady"> {
  printer: Printer;
  /** Looks at all that is there; throws to plan nothing. */
  check?(surveys: readonly Survey[]): void;
}

export interface Planning {
  plans: DeploymentPlan[];
  /** What is odd about what is wanted: shown below the plan. */
  warnings: readonly Warning[];
  /** What would be planned for one of the deployments by what is there now. */
  planAgain(deploymentId: string, listed: readonly Automation[]): Promise<DeploymentPlan | undefined>;
}

/** Asks the API what is there, and plans what it takes to have what is wanted. Sends no change. */
export async function planWishes(context: Context, work: WishesWork): Promise<Planning> {
  const { targets, printer, waitReady } = work;
  const survey = await surveyOptions(context, work);
  const progress = new ReadingProgress(context, printer);
  const wishes: Wish[] = [];
  let warnings: Promise<readonly Warning[]> = Promise.resolve([]);
  const makeWishes = async function* () {
    for await (const wish of work.makeWishes()) {
      wishes.push(wish);
      yield wish;
    }
    // While automations are read there is time for it.
    warnings = lookForOddities(context, work, wishes);
    warnings.catch(() => undefined);
  };
  const surveys = await surveyAll(
    { targets, makeWishes },
    {
      ...survey,
      waitReady,
      onStart: (stage, total) => progress.start(stage, total),
      onRead: () => progress.item(),
    },
  ).finally(() => progress.finish());
  work.check?.(surveys);
  const plans = await planSurveys(context, { ...work, surveys });
  for (const { target, isPassedOver, isBroken } of plans) {
    if (isPassedOver) warnOfLeftOut(printer, target, isBroken);
  }
  const planAgain = async (deploymentId: string) => {
    const theirs = wishes.filter(({ target }) => target.deploymentId === deploymentId);
    const their: Wanting = {
      targets: theirs.map(({ target }) => target),
      async *makeWishes() {
        yield* theirs;
      },
    };
    const [plan] = await planSurveys(context, {
      ...work,
      surveys: await surveyAll(their, await surveyOptions(context, work)),
    });
    return plan;
  };
  return { plans, warnings: await warnings, planAgain };
}

/** What an incident holds is read whole, since nothing that is the same is created beside it. */
async function surveyOptions(
  context: Context,
  { withInstructions, alsoWhole }: WishesWork,
): Promise<SurveyOptions> {
  const marksOf = await loadIncidentMarks(context);
  return {
    client: await context.client(),
    signal: context.signal,
    withInstructions,
    alsoWhole: (automation, deploymentId) =>
      alsoWhole?.(automation, deploymentId) === true ||
      (withInstructions && marksOf(deploymentId, automation).length > 0),
    sleep: (ms, by) => context.sleep(ms, by),
  };
}

const everything = () => true;

async function lookForOddities(
  context: Context,
  { planOptions: { includes = everything } }: WishesWork,
  wishes: readonly Wish[],
): Promise<readonly Warning[]> {
  const { lookAtWishes } = await import("./fleet-warnings.js");
  return lookAtWishes(wishes, { includes, now: context.serverNow() });
}

async function planSurveys(
  context: Context,
  { surveys, planOptions, ...how }: PlanningWork & { surveys: readonly Survey[] },
): Promise<DeploymentPlan[]> {
  const marksOf = await loadIncidentMarks(context);
  return planFleet(surveys, {
    ...how,
    planOptions: (deploymentId) => ({
      ...planOptions,
      whyPaused: (automation) => marksOf(deploymentId, automation)[0]?.text,
    }),
  });
}
