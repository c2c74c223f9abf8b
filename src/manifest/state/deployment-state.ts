import { innerController } from "../../api/abort.js";
import { errorOf, type ItemResult } from "../../fleet/outcome.js";
import { checkReadings, openReader } from "../../fleet/read-many.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import type { WorkerPool } from "../../fleet/worker-pool.js";
import { candidates } from "../plan/match.js";
import type { ActualAutomation } from "../plan/plan-item.js";
import type { DesiredState } from "./desired-state.js";
import { essentialsOf, getIfThere, listEssentials, readEach } from "./listing.js";
import { type Listed, type WaitOptions, waitUntilReady } from "./wait-ready.js";

export interface DeploymentState extends DesiredState {
  actual: readonly ActualAutomation[];
  error?: unknown;
}

export interface StateOptions extends WaitOptions {
  withInstructions: boolean;
  /** Selects what else is read whole: what may be deleted though nothing names it, or is held. */
  alsoWhole?(automation: ActualAutomation, deployment_id: string): boolean;
}

export interface DesiredSource {
  targets: readonly DeploymentTarget[];
  /**
   * Yields a state for each target, in their order; called once, while the targets are listed. Its errors go before
   * those of reading.
   */
  readDesired(): AsyncIterable<DesiredState>;
}

/**
 * Reads the automations of every deployment, several at once. One that can't be read doesn't stop the others. Throws
 * the API's error where the key is refused at once, and the signal's reason.
 */
export async function readStates(
  { targets, readDesired }: DesiredSource,
  options: StateOptions,
): Promise<DeploymentState[]> {
  const inner = innerController(options.signal);
  const reader = new StateReader(targets, { ...options, signal: inner.signal });
  const states: Promise<DeploymentState>[] = [];
  try {
    for await (const desired of readDesired()) states.push(reader.read(desired, states.length));
    return await reader.judged(states);
  } finally {
    inner.abort();
    await Promise.allSettled(states);
    await reader.close();
  }
}

interface ToRead {
  target: DeploymentTarget;
  automation: ActualAutomation;
}

interface Ready {
  listed: readonly Listed[];
  reader: WorkerPool<ToRead, ActualAutomation | undefined>;
}

/** Lists every deployment, then reads whole what a plan may be about, as soon as its desired state is known. */
class StateReader {
  readonly #ready: Promise<Ready>;
  readonly #read: ItemResult<ToRead, ActualAutomation | undefined>[] = [];

  constructor(
    targets: readonly DeploymentTarget[],
    private readonly options: StateOptions,
  ) {
    this.#ready = this.#list(targets);
    this.#ready.catch(() => undefined);
  }

  /** `at`: index of its deployment among the targets. Its rejection may be handled later. */
  read(desired: DesiredState, at: number): Promise<DeploymentState> {
    const state = this.#readState(desired, at);
    state.catch(() => undefined);
    return state;
  }

  async judged(states: readonly Promise<DeploymentState>[]): Promise<DeploymentState[]> {
    await this.#ready;
    const all = await Promise.all(states);
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
    const deploymentOf = ({ deployment_id }: DeploymentTarget) => deployment_id;
    const read = (target: DeploymentTarget) => listEssentials(target.deployment_id, options);
    const listed = await readEach({ stage: "deployments", items: targets, deploymentOf, read }, options);
    return { listed: await waitUntilReady(listed, options), reader: this.#openReader() };
  }

  /** Reads one automation with each GET; undefined for one that is gone. */
  #openReader(): Ready["reader"] {
    const { options } = this;
    return openReader({
      ...options,
      deploymentOf: ({ target: { deployment_id } }) => deployment_id,
      read: async ({ target: { deployment_id }, automation: { automation_id } }) => {
        const detail = await getIfThere({ deployment_id, automation_id }, options);
        return detail && essentialsOf(detail);
      },
    });
  }

  async #readState(desired: DesiredState, at: number): Promise<DeploymentState> {
    const { options } = this;
    const { listed, reader } = await this.#ready;
    const outcome = listed[at]?.outcome;
    const known = outcome !== undefined && "value" in outcome ? outcome.value : [];
    const state: DeploymentState = { ...desired, actual: known, error: outcome && errorOf(outcome) };
    const toRead = toBeReadWhole(state, options).map((automation) => ({ target: state.target, automation }));
    options.onStart?.("automations", toRead.length);
    const read = await reader.add(toRead);
    this.#read.push(...read);
    return withRead(state, read);
  }
}

function toBeReadWhole(
  { target, desired, actual }: DeploymentState,
  { withInstructions, alsoWhole }: StateOptions,
): ActualAutomation[] {
  const whole = new Set(withInstructions ? candidates(desired, actual) : []);
  for (const each of actual) if (alsoWhole?.(each, target.deployment_id) === true) whole.add(each);
  return [...whole];
}

function withRead(
  state: DeploymentState,
  results: readonly ItemResult<ToRead, ActualAutomation | undefined>[],
): DeploymentState {
  const read = new Map(results.map(({ item, outcome }) => [item.automation, outcome]));
  const actual: ActualAutomation[] = [];
  for (const automation of state.actual) {
    const outcome = read.get(automation);
    const error = outcome && errorOf(outcome);
    if (outcome === undefined) actual.push(automation);
    else if (error !== undefined) return { ...state, actual: [], error };
    else if ("value" in outcome && outcome.value !== undefined) actual.push(outcome.value);
  }
  return { ...state, actual };
}
