import { innerController } from "../api/abort.js";
import type { Crew } from "../fleet/crew.js";
import { errorOf, type ItemResult } from "../fleet/outcome.js";
import { checkReadings, openReader } from "../fleet/read-many.js";
import type { DeploymentTarget } from "../fleet/selection.js";
import { essentialsOf, getIfThere, listEssentials, readEach } from "./listing.js";
import { candidates } from "./match.js";
import type { ActualAutomation } from "./plan-item.js";
import { type Listed, settleUnready, type UnreadyOptions } from "./unready.js";
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
  /** What else is read whole then: what may be deleted though nothing names it, or is held. */
  alsoWhole?(automation: ActualAutomation, deploymentId: string): boolean;
}

/** What is wanted where. */
export interface Wanting {
  targets: readonly DeploymentTarget[];
  /** One for each target, in their order; made once, while the targets are listed. What it throws goes before what reading fails with. */
  makeWishes(): AsyncIterable<Wish>;
}

/**
 * Reads the automations of every deployment, several at once. One that can't be read doesn't stop the others. Throws the
 * API's error where the key is refused at once, and the signal's reason.
 */
export async function surveyAll({ targets, makeWishes }: Wanting, options: SurveyOptions): Promise<Survey[]> {
  const inner = innerController(options.signal);
  const surveyor = new Surveyor(targets, { ...options, signal: inner.signal });
  const surveys: Promise<Survey>[] = [];
  try {
    for await (const wish of makeWishes()) surveys.push(surveyor.survey(wish, surveys.length));
    return await surveyor.judged(surveys);
  } finally {
    inner.abort();
    await Promise.allSettled(surveys);
    await surveyor.close();
  }
}

interface Wanted {
  target: DeploymentTarget;
  automation: ActualAutomation;
}

interface Ready {
  listed: readonly Listed[];
  reader: Crew<Wanted, ActualAutomation | undefined>;
}

/** Lists every deployment; then reads whole what a plan may be about, of each one as soon as it is known what is wanted there. */
class Surveyor {
  readonly #ready: Promise<Ready>;
  readonly #read: ItemResult<Wanted, ActualAutomation | undefined>[] = [];

  constructor(
    targets: readonly DeploymentTarget[],
    private readonly options: SurveyOptions,
  ) {
    this.#ready = this.#list(targets);
    this.#ready.catch(() => undefined);
  }

  /** `at`: where its deployment is among the targets. What it rejects with may be heard later. */
  survey(wish: Wish, at: number): Promise<Survey> {
    const survey = this.#survey(wish, at);
    survey.catch(() => undefined);
    return survey;
  }

  async judged(surveys: readonly Promise<Survey>[]): Promise<Survey[]> {
    await this.#ready;
    const all = await Promise.all(surveys);
    checkReadings(this.#read, this.options.signal);
    return all;
  }

  async close(): Promise<void> {
    await this.#ready.then(
      ({ reader }) => reader.close(),
      () => undefined,
    );
  }

  async #list(targets: readonly DeploymentTarget[]): Promise<Ready> {
    const { options } = this;
    const deploymentOf = ({ deploymentId }: DeploymentTarget) => deploymentId;
    const read = (target: DeploymentTarget) => listEssentials(target.deploymentId, options);
    const listed = await readEach({ stage: "deployments", items: targets, deploymentOf, read }, options);
    return { listed: await settleUnready(listed, options), reader: this.#openReader() };
  }

  /** One GET for each automation; one that is gone by now is taken for what it is. */
  #openReader(): Ready["reader"] {
    const { options } = this;
    return openReader({
      ...options,
      deploymentOf: ({ target: { deploymentId } }) => deploymentId,
      read: async ({ target: { deploymentId }, automation: { automation_id: automationId } }) => {
        const detail = await getIfThere({ deploymentId, automationId }, options);
        return detail && essentialsOf(detail);
      },
    });
  }

  async #survey(wish: Wish, at: number): Promise<Survey> {
    const { options } = this;
    const { listed, reader } = await this.#ready;
    const outcome = listed[at]?.outcome;
    const known = outcome !== undefined && "value" in outcome ? outcome.value : [];
    const survey: Survey = { ...wish, actual: known, error: outcome && errorOf(outcome) };
    const wanted = toBeReadWhole(survey, options).map((automation) => ({ target: wish.target, automation }));
    options.onStart?.("automations", wanted.length);
    const read = await reader.add(wanted);
    this.#read.push(...read);
    return withRead(survey, read);
  }
}

function toBeReadWhole(
  { target, desired, actual }: Survey,
  { withInstructions, alsoWhole }: SurveyOptions,
): ActualAutomation[] {
  const whole = new Set(withInstructions ? candidates(desired, actual) : []);
  for (const each of actual) if (alsoWhole?.(each, target.deploymentId) === true) whole.add(each);
  return [...whole];
}

/** What was listed, in its order, with what was read of it since. */
function withRead(
  survey: Survey,
  results: readonly ItemResult<Wanted, ActualAutomation | undefined>[],
): Survey {
  const read = new Map(results.map(({ item, outcome }) => [item.automation, outcome]));
  const actual: ActualAutomation[] = [];
  for (const automation of survey.actual) {
    const outcome = read.get(automation);
    const error = outcome && errorOf(outcome);
    if (outcome === undefined) actual.push(automation);
    else if (error !== undefined) return { ...survey, actual: [], error };
    else if ("value" in outcome && outcome.value !== undefined) actual.push(outcome.value);
  }
  return { ...survey, actual };
}
