import type { HermClient } from "../../api/client.js";
import type { Automation, DeploymentSummary } from "../../api/types.js";
import { flag, inGroup, type Values } from "../../command/flags.js";
import { refuseTogether } from "../../command-line/flag-values.js";
import type { Context } from "../../context/context.js";
import { UsageError } from "../../errors/cli-errors.js";
import { Exclusions } from "../../fleet/exclusions.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import type { PlanView } from "../operation.js";
import { Names } from "../rows/names.js";
import type { TargetChoice } from "../rows/read-scope.js";
import type { FleetRow } from "../rows/result-rows.js";
import { requireRefs } from "./pick-automation.js";
import { type ResolvedAutomation, resolveAutomations } from "./resolve.js";
import { changeFlags, readSelection } from "./selection-flags.js";

/** The flags that select the automations of a command on many; read them with `readTargetChoice`. */
export const targetFlags = {
  ...inGroup("Which ones", { all: flag("every automation in the deployment") }),
  ...changeFlags,
};

/**
 * Reads a command's targets: its refs, picked from a list if none are given and the terminal is interactive, or a
 * selection. Throws UsageError for `--except` without a selection, unless refs accept it too.
 */
export async function readTargetChoice(
  context: Context,
  input: Values<typeof targetFlags> & { refs: readonly string[] },
  verb: string,
  { takesExcept = false, picksOne = false } = {},
): Promise<TargetChoice> {
  const selection = readSelection(context, input);
  refuseTogether({ "a ref": input.refs.length > 0, "--all": input.all });
  const { allDeployments, customer, match, except, deployments, failures } = selection;
  const isSelection =
    input.all || allDeployments || [customer, match, failures].some((value) => value !== undefined);
  if (except.values.length > 0 && !isSelection && !takesExcept)
    throw new UsageError("--except needs a selection", {
      hint: "give --all, --match, --failing, --customer or --all-deployments",
    });
  const refs = isSelection ? input.refs : await requireRefs(context, { refs: input.refs, verb, picksOne });
  return {
    refs,
    selection,
    isSelection,
    isSingle: !isSelection && refs.length === 1 && deployments.length < 2,
  };
}

export function chooseOne(ref: string): TargetChoice {
  const selection = { deployments: [], allDeployments: false, except: new Exclusions([]) };
  return { refs: [ref], selection, isSelection: false, isSingle: true };
}

export interface ChosenAutomations {
  items: readonly FleetItem[];
  allItems: readonly FleetItem[];
  unreadable: readonly DeploymentReading[];
  deployments: readonly DeploymentSummary[];
  names: Names;
  retriesByRefs?: boolean;
  /** Rows for automations that may be failing, but whose runs couldn't be read. */
  unreadRows: readonly FleetRow[];
  /** The first lines of a plan, only for a selection. */
  head: Pick<PlanView, "target" | "reach"> | undefined;
}

interface ChooseOptions {
  concurrency?: number | undefined;
  /** True if a ref's automation is read with a GET; otherwise only if no list contained it. */
  readsDetail?: boolean;
}

/**
 * Finds and reads the automations of refs or a selection, before any change. Throws if a ref or a selector has no
 * match, and the outage's error if all reads fail.
 */
export async function chooseAutomations(
  context: Context,
  choice: TargetChoice,
  reading: ChooseOptions = {},
): Promise<ChosenAutomations> {
  return choice.isSelection
    ? chooseSelected(context, choice, reading)
    : chooseNamed(context, choice, reading);
}

async function chooseSelected(
  context: Context,
  choice: TargetChoice,
  { concurrency }: ChooseOptions,
): Promise<ChosenAutomations> {
  const [{ readScope }, { openFleetSession, targetLine }, { reachOf }, { fleetItems }] = await Promise.all([
    import("../rows/read-scope.js"),
    import("../rows/session.js"),
    import("../rows/reach.js"),
    import("../../incident/pause-plan.js"),
  ]);
  const session = await openFleetSession(context);
  const read = await readScope(context, session, choice, { concurrency });
  const { items, deployments, readings, unreadRows } = read;
  const { allDeployments } = session;
  const allItems = fleetItems(readings);
  const { match } = choice.selection;
  const leftOut = allItems.length - items.length;
  return {
    items,
    allItems,
    unreadable: readings.filter(({ error }) => error !== undefined),
    unreadRows,
    deployments,
    names: new Names(items, allDeployments, deployments.length > 1),
    head: {
      target: targetLine(context, { chosen: deployments.length, total: allDeployments.length }),
      reach: reachOf({ deployments, existing: allDeployments, match, leftOut }),
    },
  };
}

async function chooseNamed(
  context: Context,
  { refs }: TargetChoice,
  { readsDetail = false }: ChooseOptions,
): Promise<ChosenAutomations> {
  const targets = await resolveAutomations(context, refs);
  const client = await context.client();
  const { signal } = context;
  const read = (target: ResolvedAutomation) => readNamed(client, target, { signal, isWhole: readsDetail });
  const [only] = targets;
  const items =
    only !== undefined && targets.length === 1 ? [await read(only)] : await readEvery(context, targets, read);
  const called = new Map(
    targets.map(({ deployment_id, deployment_name }) => [deployment_id, deployment_name]),
  );
  const deployments = [...called].map(([deployment_id, name]) => ({ deployment_id, name }));
  return {
    items,
    allItems: items,
    unreadable: [],
    unreadRows: [],
    deployments,
    names: new Names(items, deployments),
    retriesByRefs: true,
    head: undefined,
  };
}

async function readEvery(
  context: Context,
  targets: readonly ResolvedAutomation[],
  read: (target: ResolvedAutomation) => Promise<FleetItem>,
): Promise<FleetItem[]> {
  const { readEach } = await import("../../fleet/read-many.js");
  const [client, { signal }] = [await context.client(), context];
  const { found, errors } = await readEach(targets, { client, signal, read });
  if (errors[0] !== undefined) throw errors[0].error;
  return found.map(({ value }) => value);
}

/** Reads an automation before any change, even one given by id: if it doesn't exist, none is changed. */
async function readNamed(
  client: HermClient,
  { deployment_id, deployment_name, automation_id, automation: listed }: ResolvedAutomation,
  { signal, isWhole }: { signal: AbortSignal; isWhole: boolean },
): Promise<FleetItem> {
  const automation: Automation =
    listed !== undefined && !isWhole
      ? listed
      : await client.automations.get(deployment_id, automation_id, { signal });
  return {
    deployment_id,
    deployment_name,
    automation_id,
    name: automation.name,
    deployment: { deployment_id, name: deployment_name },
    automation,
  };
}
