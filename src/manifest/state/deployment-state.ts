import { UnexpectedAnswerError } from "../../api/errors.js";
import type { Automation } from "../../api/types.js";
import { errorOf, type Outcome, UnknownPresenceError } from "../../fleet/outcome.js";
import { askForKnown, type Listing } from "../../fleet/presence.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import { candidates } from "../plan/match.js";
import type { ActualAutomation } from "../plan/plan-item.js";
import type { DesiredState } from "./desired-state.js";
import {
  type DeploymentListing,
  essentialsOf,
  getIfThere,
  listEssentials,
  readEach,
  type WaitOptions,
  waitUntilReady,
} from "./listing.js";

export interface DeploymentState extends DesiredState {
  actual: readonly ActualAutomation[];
  /** Recorded ids whose existence is unknown, with the error of the read. */
  unknown?: ReadonlyMap<string, unknown> | undefined;
  error?: unknown;
}

export interface StateOptions extends WaitOptions {
  /** Selects further automations to read in full: those that may be deleted without being named, or are held. */
  needsDetail?(automation: ActualAutomation, deployment_id: string): boolean;
}

/**
 * Reads the automations of every deployment, several at once; a failed read doesn't stop the others. Throws the API's
 * error if the key is refused immediately, and the signal's reason.
 */
export async function readStates(
  desired: readonly DesiredState[],
  options: StateOptions,
): Promise<DeploymentState[]> {
  const listed = await listReady(
    desired.map(({ target }) => target),
    options,
  );
  const states = desired.map((state, at): DeploymentState => {
    const outcome = listed[at]?.outcome;
    const actual = outcome !== undefined && "value" in outcome ? outcome.value : [];
    return { ...state, actual, error: outcome && errorOf(outcome) };
  });
  return readWhole(await askForRecorded(states, options), options);
}

/** Reads recorded automations missing from a list with a GET each. */
async function askForRecorded(
  states: readonly DeploymentState[],
  { client, signal }: StateOptions,
): Promise<DeploymentState[]> {
  const known = states.flatMap(({ desired }) => desired.recorded?.entries ?? []);
  const readings = states.map((state): Listing & { state: DeploymentState } => {
    const { target, actual, error } = state;
    return { state, deployment: target, automations: actual, error };
  });
  const asked = await askForKnown(client, readings, { known, signal });
  return asked.map(({ state, automations, unknown }) =>
    automations === state.actual ? state : { ...state, ...withoutNameless(automations, unknown) },
  );
}

/** Treats nameless automations as unknown: files can't mean them, but the record may contain them. */
function withoutNameless(
  automations: readonly Automation[],
  unknown: ReadonlyMap<string, unknown> = new Map(),
): Pick<DeploymentState, "actual" | "unknown"> {
  const nameless = automations.filter((each) => essentialsOf(each) === undefined);
  const error = new UnexpectedAnswerError("it has no name", { status: 200 });
  return {
    actual: automations.flatMap((each) => essentialsOf(each) ?? []),
    unknown: new Map([...unknown, ...nameless.map(({ automation_id }) => [automation_id, error] as const)]),
  };
}

async function listReady(
  targets: readonly DeploymentTarget[],
  options: StateOptions,
): Promise<DeploymentListing[]> {
  const read = (target: DeploymentTarget) => listEssentials(target.deployment_id, options);
  const listed = await readEach({ stage: "deployments", items: targets, read }, options);
  return waitUntilReady(listed, options);
}

/** Reads in full the automations that a plan may involve, each with a GET. */
async function readWhole(
  states: readonly DeploymentState[],
  options: StateOptions,
): Promise<DeploymentState[]> {
  const items = states.flatMap((state) =>
    toBeReadWhole(state, options).map((automation) => ({ ...state.target, automation })),
  );
  const results = await readEach(
    {
      stage: "automations",
      items,
      read: async ({ deployment_id, automation: { automation_id } }) => {
        const detail = await getIfThere({ deployment_id, automation_id }, options);
        return detail && essentialsOf(detail);
      },
    },
    options,
  );
  const read = new Map(results.map(({ item, outcome }) => [item.automation, outcome]));
  return states.map((state) => withRead(state, read));
}

function toBeReadWhole(
  { target, desired, actual }: DeploymentState,
  { needsDetail }: StateOptions,
): ActualAutomation[] {
  const whole = new Set(candidates(desired, actual));
  for (const each of actual) if (needsDetail?.(each, target.deployment_id) === true) whole.add(each);
  return [...whole];
}

function withRead(
  state: DeploymentState,
  read: ReadonlyMap<ActualAutomation, Outcome<ActualAutomation | undefined>>,
): DeploymentState {
  const actual: ActualAutomation[] = [];
  const unknown = new Map(state.unknown);
  const recorded = new Set(state.desired.recorded?.entries.map(({ automation_id }) => automation_id));
  for (const automation of state.actual) {
    const { automation_id } = automation;
    const outcome = read.get(automation);
    const error = outcome && errorOf(outcome);
    if (outcome === undefined) actual.push(automation);
    else if (error instanceof UnknownPresenceError)
      recorded.has(automation_id) ? unknown.set(automation_id, error) : actual.push(automation);
    else if (error !== undefined) return { ...state, actual: [], error };
    else if ("value" in outcome && outcome.value !== undefined) actual.push(outcome.value);
  }
  return { ...state, actual, unknown };
}
