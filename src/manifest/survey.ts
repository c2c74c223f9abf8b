import { innerController } from "../api/abort.js";
import { errorOf, type ItemResult } from "../fleet/execute.js";
import type { DeploymentTarget } from "../fleet/selection.js";
import type { ActualAutomation } from "./change.js";
import { essentialsOf, getIfThere, listEssentials, readEach } from "./listing.js";
import { mayLookAlike } from "./lookalikes.js";
import { candidates } from "./match.js";
import { settleUnready, type UnreadyOptions } from "./unready.js";
import type { Wish } from "./wishes.js";

/** What is there beside what is wanted. */
export interface Survey extends Wish {
  actual: readonly ActualAutomation[];
  /** Why what is there isn't known. */
  error?: unknown;
}

export interface SurveyOptions extends UnreadyOptions {
  /** Reads also what only a comparison needs. */
  withInstructions: boolean;
  /** What else is read whole then: what may be deleted though nothing names it. */
  alsoWhole?(automation: ActualAutomation): boolean;
}

/** What is wanted where. */
export interface Wanting {
  targets: readonly DeploymentTarget[];
  /** One for each target, in their order; asked once, while the targets are listed. What it throws ends that. */
  makeWishes(): Promise<readonly Wish[]>;
}

/**
 * Reads the automations of every deployment, several at once. One that can't be read doesn't stop the others. Throws the
 * API's error where the key is refused at once, and the signal's reason.
 */
export async function surveyAll(wanting: Wanting, options: SurveyOptions): Promise<Survey[]> {
  const [wishes, listed] = await listMeanwhile(wanting, options);
  const byTarget = listed.flatMap(({ outcome }, at) => {
    const item = wishes[at];
    return item === undefined ? [] : [{ item, outcome }];
  });
  const settled = await settleUnready(byTarget, options);
  const surveys = settled.map(({ item, outcome }): Survey => {
    const actual = "value" in outcome ? outcome.value : [];
    return { ...item, actual, error: errorOf(outcome) };
  });
  return readInstructions(surveys, options);
}

type Listed = ItemResult<DeploymentTarget, ActualAutomation[]>;

async function listMeanwhile(
  { targets, makeWishes }: Wanting,
  options: SurveyOptions,
): Promise<[readonly Wish[], Listed[]]> {
  const listing = innerController(options.signal);
  const reading = { ...options, signal: listing.signal };
  const lists = readEach(
    {
      stage: "deployments",
      items: targets,
      deploymentOf: ({ deploymentId }) => deploymentId,
      read: ({ deploymentId }) => listEssentials(deploymentId, reading),
    },
    reading,
  );
  // What it fails with is told once the wishes are known: a mistake in a file goes first.
  const end = lists.then(
    () => undefined,
    () => undefined,
  );
  try {
    return [await makeWishes(), await lists];
  } finally {
    listing.abort();
    await end;
  }
}

interface Wanted {
  survey: Survey;
  automation: ActualAutomation;
}

/** One GET for each automation that a plan may be about; one that is gone by now is taken for what it is. */
async function readInstructions(surveys: readonly Survey[], options: SurveyOptions): Promise<Survey[]> {
  const items = surveys.flatMap((survey) => {
    const { desired, actual } = survey;
    if (actual.length === 0) return [];
    const whole = new Set(mayLookAlike(desired, actual));
    if (options.withInstructions) for (const each of candidates(desired, actual)) whole.add(each);
    for (const each of survey.actual) if (options.alsoWhole?.(each) === true) whole.add(each);
    return [...whole].map((automation): Wanted => ({ survey, automation }));
  });
  if (items.length === 0) return [...surveys];
  const details = await readEach<Wanted, ActualAutomation | undefined>(
    {
      stage: "automations",
      items,
      deploymentOf: ({ survey }) => survey.target.deploymentId,
      read: async ({ survey: { target }, automation }) => {
        const { automation_id: automationId } = automation;
        const detail = await getIfThere({ deploymentId: target.deploymentId, automationId }, options);
        return detail && essentialsOf(detail);
      },
    },
    options,
  );
  const read = new Map(details.map(({ item, outcome }) => [item.automation, outcome]));
  return surveys.map((survey) => {
    const actual: ActualAutomation[] = [];
    for (const automation of survey.actual) {
      const outcome = read.get(automation);
      const error = outcome && errorOf(outcome);
      if (outcome === undefined) actual.push(automation);
      else if (error !== undefined) return { ...survey, actual: [], error };
      else if ("value" in outcome && outcome.value !== undefined) actual.push(outcome.value);
    }
    return { ...survey, actual };
  });
}
