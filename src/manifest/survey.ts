import { innerController } from "../api/abort.js";
import { errorOf, type ItemResult, type Outcome } from "../fleet/outcome.js";
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
  /** Hears of each deployment once all of it is read: in the end it is one of those that are given. */
  onSurvey?(survey: Survey): void;
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
  reading: WholeReading;
  automation: ActualAutomation;
}

/** One GET for each automation that a plan may be about; one that is gone by now is taken for what it is. */
async function readInstructions(surveys: readonly Survey[], options: SurveyOptions): Promise<Survey[]> {
  const readings = surveys.map((survey) => new WholeReading(survey));
  const items = readings.flatMap((reading) => {
    const wanted = toBeReadWhole(reading.survey, options).map((automation) => ({ reading, automation }));
    reading.left = wanted.length;
    if (wanted.length === 0) options.onSurvey?.(reading.survey);
    return wanted;
  });
  if (items.length > 0) {
    await readEach<Wanted, ActualAutomation | undefined>(
      {
        stage: "automations",
        items,
        deploymentOf: ({ reading: { survey } }) => survey.target.deploymentId,
        read: async ({ reading: { survey }, automation }) => {
          const { automation_id: automationId } = automation;
          const { deploymentId } = survey.target;
          const detail = await getIfThere({ deploymentId, automationId }, options);
          return detail && essentialsOf(detail);
        },
        onOutcome: ({ reading, automation }, outcome) => {
          reading.take(automation, outcome);
          if (reading.left === 0) options.onSurvey?.(reading.survey);
        },
      },
      options,
    );
  }
  return readings.map(({ survey }) => survey);
}

function toBeReadWhole({ desired, actual }: Survey, options: SurveyOptions): ActualAutomation[] {
  if (actual.length === 0) return [];
  const whole = new Set(mayLookAlike(desired, actual));
  if (options.withInstructions) for (const each of candidates(desired, actual)) whole.add(each);
  for (const each of actual) if (options.alsoWhole?.(each) === true) whole.add(each);
  return [...whole];
}

/** A survey whose automations are read whole, one after the other. */
class WholeReading {
  /** How many are still to be read. */
  left = 0;
  readonly #read = new Map<ActualAutomation, Outcome<ActualAutomation | undefined>>();

  /** As it was listed; once nothing is left, with what was read. */
  constructor(public survey: Survey) {}

  take(automation: ActualAutomation, outcome: Outcome<ActualAutomation | undefined>): void {
    this.#read.set(automation, outcome);
    this.left -= 1;
    if (this.left === 0) this.survey = this.#whole();
  }

  #whole(): Survey {
    const actual: ActualAutomation[] = [];
    for (const automation of this.survey.actual) {
      const outcome = this.#read.get(automation);
      const error = outcome && errorOf(outcome);
      if (outcome === undefined) actual.push(automation);
      else if (error !== undefined) return { ...this.survey, actual: [], error };
      else if ("value" in outcome && outcome.value !== undefined) actual.push(outcome.value);
    }
    return { ...this.survey, actual };
  }
}
