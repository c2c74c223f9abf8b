import type { Context } from "../../context/context.js";
import { hintTo, PartialFailureError } from "../../errors/cli-errors.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import { unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import { execute } from "../../fleet/worker-pool.js";
import type { Candidate } from "../../incident/scope.js";
import { messageOf } from "../../invocation/report-error.js";
import { groupBy } from "../../manifest/group-by.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { textOrDash } from "../../output/value-text.js";

/** Maximum milliseconds for a check; without it, the results are known all the same. */
const mostCheckMs = 5_000;

/**
 * Checks again after a change: simultaneous changes by two machines can't be prevented, only reported. Returns nothing
 * if it is interrupted or, after a warning, if it can't check. `done`: the action that may have been done twice.
 */
async function checkAgain<Target, Found>(
  context: Context,
  { targets, printer, done }: { targets: readonly Target[]; printer: Pick<Printer, "warn">; done: string },
  check: (target: Target, limits: { signal: AbortSignal; maxWaitMs: number }) => Promise<Found[]>,
): Promise<Found[]> {
  const { signal } = context;
  const client = await context.client();
  const checks = await execute<Target, Found[]>({
    items: targets,
    signal,
    outageRetry: client.outageRetry,
    reader: client,
    run: async (target) => ({
      result: "done",
      value: await check(target, { signal, maxWaitMs: mostCheckMs }),
    }),
  });
  const [failed] = checks.flatMap(({ outcome }) => ("error" in outcome ? [outcome] : []));
  if (failed !== undefined && !signal.aborted) {
    printer.warn(`could not check for duplicates ${done} by somebody else: ${messageOf(failed.error)}`);
  }
  return checks.flatMap(({ outcome }) => ("value" in outcome ? outcome.value : []));
}

export interface CreatedNames {
  deployment_id: string;
  deployment: string;
  names: ReadonlyMap<string, readonly { automation_id: string }[]>;
  /** Ids of all existing automations and of those that the command created. */
  known: Pick<ReadonlySet<string>, "has">;
}

/** A name that somebody else gave to an automation while a command created ours. */
interface DuplicateName extends Pick<CreatedNames, "deployment_id" | "deployment"> {
  name: string;
  /** Ids of all automations with that name, including ours. */
  ids: string[];
}

/** Lists again. A list may lag, so unknown automations in it are read, and ours count even if it doesn't show them. */
export async function findDuplicateNames(
  context: Context,
  { places, printer }: { places: readonly CreatedNames[]; printer: Pick<Printer, "warn"> },
): Promise<DuplicateName[]> {
  const client = await context.client();
  const options = { targets: places, printer, done: "created" };
  return checkAgain(context, options, async ({ deployment_id, deployment, names, known }, limits) => {
    const { data } = await listCurrentAutomations(client, deployment_id, limits);
    const found = data.filter(({ name }) => names.has(name ?? ""));
    const idsOf = (all: readonly { automation_id: string }[]) =>
      all.map(({ automation_id }) => automation_id);
    const isNew = (id: string) => !known.has(id);
    const isThere = async (automation_id: string) =>
      (await unlessGone(client.automations.get(deployment_id, automation_id, limits))) !== undefined;
    const twice = [...groupBy(found, ({ name }) => name ?? "")].map(async ([name, same]) => {
      const ours = idsOf(names.get(name) ?? []);
      const others = idsOf(same).filter((id) => !ours.includes(id));
      if (!others.some(isNew)) return [];
      const areThere = await Promise.all(others.map(isThere));
      const there = others.filter((_, at) => areThere[at]);
      return there.some(isNew) ? [{ deployment_id, deployment, name, ids: [...ours, ...there] }] : [];
    });
    return (await Promise.all(twice)).flat();
  });
}

/** `"Weekly" now exists twice in Acme: auto_1, auto_2`. */
export function duplicateNameText({ name, deployment, ids }: DuplicateName): string {
  return `"${name}" now exists ${timesText(ids)} in ${deployment}: ${ids.join(", ")}`;
}

function timesText({ length }: readonly string[]): string {
  return length === 2 ? "twice" : `${length} times`;
}

/** Warns of names under which somebody else also created an automation, and returns their error. */
export async function duplicateNamesError(
  context: Context,
  work: Parameters<typeof findDuplicateNames>[1],
): Promise<PartialFailureError | undefined> {
  const twice = await findDuplicateNames(context, work);
  for (const each of twice) work.printer.warn(duplicateNameText(each));
  const [first] = twice;
  if (first === undefined) return undefined;
  const { deployment_id, name } = first;
  return new PartialFailureError(`somebody else created ${counted(twice.length, "automation")} too`, {
    hint: (herm) =>
      `delete the ones you don't want; to see them: ${herm("automations", "list", "-d", deployment_id, "--match", name)}`,
  });
}

export interface StartedRun {
  item: Candidate;
  /** Ids of the started run and of the automation's earlier ones. */
  known: ReadonlySet<string>;
  run_id: string;
}

/** Warns of runs that others started too, and returns their error: `"Weekly" was started twice in Acme: run_1, …`. */
export async function duplicateRunsError(
  context: Context,
  { started, printer }: { started: readonly StartedRun[]; printer: Printer },
): Promise<PartialFailureError | undefined> {
  const { automations } = await context.client();
  const options = { targets: started, printer, done: "started" };
  const twice = await checkAgain(context, options, async ({ item, known, run_id }, limits) => {
    const automation = await unlessGone(automations.get(item.deployment_id, item.automation_id, limits));
    const runs = automation?.recent_runs ?? [];
    const others = runs.filter(({ run_id, trigger }) => trigger === "manual" && !known.has(run_id));
    return others.length === 0 ? [] : [{ item, ids: [run_id, ...others.map(({ run_id }) => run_id)] }];
  });
  for (const { item, ids } of twice) {
    const where = item.deployment_name ?? item.deployment_id;
    printer.warn(`"${textOrDash(item.name)}" was started ${timesText(ids)} in ${where}: ${ids.join(", ")}`);
  }
  const [first] = twice;
  if (first === undefined) return undefined;
  return new PartialFailureError(`somebody else started ${counted(twice.length, "automation")} too`, {
    hint: hintTo("to see the runs", "runs", "list", itemKey(first.item)),
  });
}
