import { refuseTogether } from "../../command-line/flag-values.js";
import type { Context } from "../../context/context.js";
import { DeclinedError, NothingFoundError, NotPossibleError, UsageError } from "../../errors/cli-errors.js";
import { Mistakes } from "../../manifest/mistake.js";
import { type DeploymentPlan, tasksOf } from "../../manifest/plan/fleet-plan.js";
import { deletedSince, type PlanItem } from "../../manifest/plan/plan-item.js";
import type { ManifestSet } from "../../manifest/read/manifest-set.js";
import { keyOfName, nameInKey } from "../../manifest/record/automation-record.js";
import { chooseRecord, type FoundRecord, recordName } from "../../manifest/record/choose.js";
import { requireInteractive } from "../../operations/plan-view.js";
import { unreadableText } from "../../operations/rows/session.js";
import { counted, joinNames } from "../../output/count.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { fold } from "../../output/text/fold.js";
import { type ManifestSources, readSources } from "../manifest/file-flags.js";
import { failureOfPlans } from "../manifest/planning/plan-failures.js";
import { makeSetPlans } from "../manifest/planning/plans.js";
import { readManifestSet } from "../manifest/planning/read-set.js";
import { askFor } from "../manifest/planning/targets.js";
import { openRecord } from "../manifest/record/open.js";
import type { OpenRecord } from "../manifest/record/writer.js";
import { annotatingMistakes } from "../manifest/view/annotations.js";
import { changeCountsText, changeRows, type TaskResult } from "../manifest/view/change-rows.js";
import { PlanPrinter } from "../manifest/view/plan-printer.js";
import type { AdoptInput } from "./adopt-flags.js";

interface AdoptWork {
  input: AdoptInput;
  printer: Printer;
}

/** Adds automations to a record (src/manifest/README.md, "The record") without changing them. */
export async function adoptAutomations(context: Context, input: AdoptInput): Promise<void> {
  const { dryRun, yes, file } = input;
  const isForgetting = input.forget.length > 0;
  const sources = isForgetting ? undefined : readSources(context, input);
  if (!yes && !dryRun) {
    if (file.includes("-")) throw new UsageError("adopt -f - needs --yes: the manifest comes from stdin");
    requireInteractive(context, "adopt");
  }
  const printer = await createPrinter(context);
  const work = { input, printer };
  await annotatingMistakes(context, {
    printer,
    work: () => (sources === undefined ? forget(context, work) : adopt(context, { ...work, sources })),
  });
}

async function adopt(
  context: Context,
  { input, printer, sources }: AdoptWork & { sources: ManifestSources },
): Promise<void> {
  const set = await readManifestSet(context, { sources, printer });
  const { place, found = place && { file: place, reading: undefined } } = set.record;
  if (found === undefined) throw whichRecord();
  const record = await openRecord(context, { found, printer, isToBeWritten: !input.dryRun });
  try {
    const isDifferentToo = input.different;
    const plans = await plansOfFiles(context, { sources, printer, set, record, isDifferentToo });
    await change(context, { record, printer, input, plans });
    noteDifferent(printer, plans);
  } finally {
    record.close();
  }
}

async function forget(context: Context, { input, printer }: AdoptWork): Promise<void> {
  const found = await recordOf(context, input);
  if (found === undefined) throw whichRecord();
  const record = await openRecord(context, { found, printer, isToBeWritten: !input.dryRun });
  const ids = [...new Set(input.forget)];
  try {
    const plans = await plansToForget(context, { ids, record });
    await change(context, { record, printer, input, plans });
  } finally {
    record.close();
  }
}

function whichRecord(): UsageError {
  return new UsageError("no record named", {
    hint: `name its file with --record ${recordName}, or give the manifests next to it with --file`,
  });
}

/** Shows the changes to the record, asks, and writes them. */
async function change(
  context: Context,
  { plans, record, printer, input }: AdoptWork & { plans: readonly DeploymentPlan[]; record: OpenRecord },
): Promise<void> {
  const { dryRun } = input;
  const isForgetting = input.forget.length > 0;
  const view = new PlanPrinter(context, printer, { isAdopting: true, isNew: record.isNew && !dryRun });
  const rows = changeRows(plans);
  if (dryRun) {
    await view.printRows(rows, plans);
    throwIfAny(failureOfPlans(plans));
    return;
  }
  const adoptions = tasksOf(plans.filter(({ error }) => error === undefined));
  const isAsked = !input.yes && (adoptions.length > 0 || record.isNew);
  if (adoptions.length > 0 && (isAsked || !printer.isQuiet)) await view.showRows(rows, plans);
  if (isAsked) {
    const them = counted(adoptions.length, "automation");
    const adds = record.isNew ? `Create ${record.file} with ${them}?` : `Add ${them} to ${record.file}?`;
    const message = isForgetting ? `Drop ${them} from ${record.file}?` : adds;
    if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
  }
  const entries = adoptions.map(({ target: { deployment_id }, planItem }) => {
    const { name, automation_id = "", key = keyOfName(name), mark } = planItem;
    return { deployment_id, automation_id, key, mark };
  });
  record.change({ entries: isForgetting ? [] : entries, forget: input.forget });
  const results = adoptions.map(
    (item): TaskResult => ({ item, outcome: { result: "done", value: item.planItem.automation_id ?? "" } }),
  );
  if (record.isNew) printer.note(`created ${record.file} with ${counted(adoptions.length, "automation")}`);
  if (!record.isNew || rows.length > 0) {
    const printed = await view.printResults({ plans, warnings: [] }, results);
    const counts = changeCountsText(changeRows(plans, results));
    if (printer.isForPerson && printed !== "all" && results.length > 0)
      await printer.line(`${printer.style.ok} ${fold(counts, printer.columns - 2)}`);
  }
  throwIfAny(failureOfPlans(plans));
}

function throwIfAny(failure: unknown): void {
  if (failure !== undefined) throw failure;
}

/** Finds the record that a flag names, or one beside the manifests or in the current folder; otherwise undefined. */
async function recordOf(
  { settings }: Pick<Context, "settings">,
  { file, record: flag, forget }: AdoptInput,
): Promise<FoundRecord | undefined> {
  refuseTogether({ "--forget": forget[0], "-d": settings.flags.deployments[0] });
  const mistakes = new Mistakes();
  const { found } = await chooseRecord(file.length > 0 ? file : ["."], {
    flag,
    cwd: settings.environment.cwd,
    mistakes,
  });
  mistakes.throwIfAny();
  return found;
}

/**
 * Plans to drop the record's entries for deployments, each checked with a GET. Throws NothingFoundError if
 * there are none, NotPossibleError if a deployment is visible, and UnknownDeploymentError if that can't be known.
 */
async function plansToForget(
  context: Context,
  { ids, record }: { ids: readonly string[]; record: OpenRecord },
): Promise<DeploymentPlan[]> {
  const { contents, file } = record;
  const strange = ids.filter((id) => contents.entriesOf(id).length === 0);
  if (strange.length > 0)
    throw new NothingFoundError(`${file} has no automations in ${joinNames(strange)}`, {
      hint: "it lists deployments by id; nothing was changed",
    });
  const { found, unknown } = await askFor(context, ids);
  const [seen] = found;
  if (seen !== undefined)
    throw new NotPossibleError(`${seen.name} (${seen.deployment_id}) is still visible: nothing was changed`, {
      hint: `to delete your automations there, add not: {deployments: [${seen.deployment_id}]} to the manifests, then apply --prune`,
    });
  const unread = unknown.find(({ isUnseen }) => !isUnseen);
  if (unread !== undefined) throw unread;
  await record.checkSeen(context, { gone: ids });
  return unknown.map(({ deployment_id, cause }) => ({
    target: { deployment_id, name: deployment_id, isNamed: true },
    items: contents.entriesOf(deployment_id).map(({ key, automation_id }) => ({
      action: "forget",
      name: nameInKey(key),
      key,
      automation_id,
      reason: unreadableText(cause),
    })),
    existingIds: new Set<string>(),
    isSkipped: false,
  }));
}

const differs = "differs in";
const mostNamed = 10;

/** Plans each match of the files once; automations that differ are skipped unless `isDifferentToo`. */
async function plansOfFiles(
  context: Context,
  {
    isDifferentToo,
    ...work
  }: {
    sources: ManifestSources;
    printer: Printer;
    set: ManifestSet;
    record: OpenRecord;
    isDifferentToo: boolean;
  },
): Promise<DeploymentPlan[]> {
  const { plans } = await makeSetPlans(context, {
    ...work,
    rules: { refusesUnmatched: true, isAdopting: true },
  });
  const { record, printer } = work;
  const named = plans.flatMap(({ items }) =>
    items.filter(({ position, action }) => position !== undefined || action === "unknown"),
  );
  const missing = named.filter(({ action, reason }) => action === "create" || reason === deletedSince).length;
  if (missing > 0)
    printer.note(
      `${counted(missing, "automation")} of the manifests ${missing === 1 ? "doesn't" : "don't"} exist yet`,
    );
  const left = plans.reduce((sum, { existingIds }) => sum + existingIds.size, 0) - (named.length - missing);
  if (left > 0) printer.note(`skipped ${counted(left, "automation")} not in the manifests`);
  return plans.map((plan) => ({
    ...plan,
    items: plan.items.flatMap((planItem) => {
      const { action: planned, automation_id, position, reason } = planItem;
      if (planned === "unknown") return [planItem];
      const isFound = automation_id !== undefined && position !== undefined;
      if (!isFound) return planned === "skipped" ? [planItem] : [];
      if (reason === deletedSince) return [];
      const isKnown = record.contents.entryOf(plan.target.deployment_id, automation_id) !== undefined;
      const why = isKnown || isDifferentToo ? undefined : whyDifferent(planItem);
      const action = isKnown ? "unchanged" : why === undefined ? "adopt" : "skipped";
      return { ...planItem, action, reason: why, error: undefined, changes: undefined } as const;
    }),
  }));
}

/** The reason why diff would report a difference other than the name or a pause; undefined for equal automations. */
function whyDifferent({ changes = {}, reason }: PlanItem): string | undefined {
  const fields = (["schedule", "instructions"] as const).filter((field) => changes[field] !== undefined);
  return fields.length === 0 || reason === "dst" ? undefined : `${differs} ${joinNames(fields)}`;
}

/** Names the automations that were skipped because they differ. */
function noteDifferent(printer: Printer, plans: readonly DeploymentPlan[]): void {
  const different = plans.flatMap(({ target, items }) =>
    items.flatMap(({ name, reason = "" }) =>
      reason.startsWith(differs) ? `"${name}" in ${target.name}` : [],
    ),
  );
  if (different.length === 0) return;
  const [differ, them] =
    different.length === 1
      ? ["it differs from the manifest", "it"]
      : ["they differ from the manifests", "them"];
  printer.note(`not adopted, because ${differ}: ${joinNames(different, mostNamed)}`);
  printer.hint(`to adopt ${them} too, add --different`);
}
