import type { Context } from "../../../context.js";
import { DeclinedError, NotPossibleError, UsageError } from "../../../errors.js";
import { askForKnown, presenceIn } from "../../../fleet/presence.js";
import { selectsDeployments, toTarget } from "../../../fleet/selection.js";
import { groupBy } from "../../../manifest/group-by.js";
import { type DeploymentPlan, type Task, tasksOf } from "../../../manifest/plan/fleet-plan.js";
import type { PlanItem } from "../../../manifest/plan/plan-item.js";
import { namedRecord, recordName } from "../../../manifest/record/choose.js";
import { keyOfName, type RecordKey } from "../../../manifest/record/key.js";
import { requireInteractive } from "../../../operations/rows/confirm.js";
import { retryOutages } from "../../../operations/rows/outage-retry.js";
import { readScope } from "../../../operations/rows/read-scope.js";
import { openFleetSession } from "../../../operations/rows/session.js";
import { requireRefs } from "../../../operations/selection/pick.js";
import { readSelection } from "../../../operations/selection/selection.js";
import { counted, joinNames } from "../../../output/count.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { fold } from "../../../output/text/fold.js";
import { readManifestFlags } from "../manifest/file-flags.js";
import { failureOfPlans } from "../manifest/planning/failures.js";
import { readManifestSet } from "../manifest/planning/read-set.js";
import { openRecord } from "../manifest/record/open.js";
import type { OpenRecord } from "../manifest/record/open-record.js";
import { annotatingMistakes } from "../manifest/view/annotations.js";
import { changeCountsText, changeRows, type TaskResult } from "../manifest/view/change-rows.js";
import { PlanPrinter } from "../manifest/view/plan-printer.js";
import { plansToForget, recordOf } from "./forget.js";
import type { AdoptInput } from "./input.js";
import { noteDifferent, plansOfFiles } from "./plans-of-files.js";

interface AdoptWork {
  input: AdoptInput;
  printer: Printer;
}

/** Takes automations into a record (src/manifest/README.md, "The record"). Changes none of them. */
export async function adoptAutomations(context: Context, input: AdoptInput): Promise<void> {
  const { dryRun, yes, file, record, forget } = input;
  if (file.length === 0 && record === undefined && forget.length === 0) throw whichRecord();
  if (!yes && !dryRun) {
    if (file.includes("-")) throw new UsageError("adopt -f - needs --yes: stdin is the manifest");
    requireInteractive(context, "adopt");
  }
  const printer = await createPrinter(context);
  await annotatingMistakes(context, { printer, work: () => adoptBy(context, { input, printer }) });
}

async function adoptBy(context: Context, { input, printer }: AdoptWork): Promise<void> {
  if (input.forget.length > 0) return forget(context, { input, printer });
  const { file, record: flag, refs } = input;
  const options = file.length === 0 ? undefined : readManifestFlags(context, { ...input, prune: false });
  const set = options && (await readManifestSet(context, { options, printer }));
  const { cwd } = context.settings.environment;
  const named = flag === undefined ? undefined : namedRecord(flag, cwd);
  const place = set === undefined ? named : set.record.place;
  const found = set?.record.found ?? (place && { file: place, reading: undefined });
  if (found === undefined) throw whichRecord();
  const record = await openRecord(context, { found, printer, isToBeWritten: !input.dryRun });
  try {
    const plans =
      set && options && refs.length === 0
        ? await plansOfFiles(context, { options, printer, set, record, isDifferentToo: input.different })
        : await plansOfChoice(context, { input, record });
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
    hint: `name its file with --record ${recordName}, or give the manifests beside it with --file`,
  });
}

/** Shows what changes in the record, asks, and writes it. */
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
  refuseSameKey(adoptions);
  const isAsked = !input.yes && (adoptions.length > 0 || record.isNew);
  if (adoptions.length > 0 && (isAsked || !printer.isQuiet)) await view.showRows(rows, plans);
  if (isAsked) {
    const them = counted(adoptions.length, "automation");
    const adds = record.isNew ? `Create ${record.file} with ${them}?` : `Add ${them} to ${record.file}?`;
    const message = isForgetting ? `Drop ${them} from ${record.file}?` : adds;
    if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
  }
  const entries = adoptions.map(({ target: { deployment_id }, planItem }) => {
    const { automation_id = "", mark } = planItem;
    return { deployment_id, automation_id, key: keyIn(planItem), mark };
  });
  record.change({ entries: isForgetting ? [] : entries, forget: input.forget });
  const results = adoptions.map(
    (item): TaskResult => ({ item, outcome: { result: "done", value: item.planItem.automation_id ?? "" } }),
  );
  if (record.isNew) printer.note(`created ${record.file} with ${counted(adoptions.length, "automation")}`);
  if (!record.isNew || rows.length > 0) {
    const printed = await view.printResults({ plans, warnings: [] }, results);
    const counts = changeCountsText(changeRows(plans, results));
    if (printed === undefined && results.length > 0)
      await printer.line(`${printer.style.ok} ${fold(counts, printer.columns - 2)}`);
  }
  throwIfAny(failureOfPlans(plans));
}

function keyIn({ name, key = keyOfName(name) }: PlanItem): RecordKey {
  return key;
}

function throwIfAny(failure: unknown): void {
  if (failure !== undefined) throw failure;
}

/** Throws NotPossibleError for two of one deployment that would have one key. */
function refuseSameKey(adoptions: readonly Task[]): void {
  const byKey = groupBy(adoptions, ({ target: { deployment_id }, planItem }) =>
    JSON.stringify([deployment_id, keyIn(planItem)]),
  );
  const same = [...byKey.values()].find(({ length }) => length > 1);
  const [first] = same ?? [];
  if (same === undefined || first === undefined) return;
  const ids = same.map(({ planItem }) => planItem.automation_id ?? "");
  throw new NotPossibleError(
    `${counted(ids.length, "automation")} in ${first.target.name} are named "${first.planItem.name}": ${joinNames(ids)}`,
    { hint: "nothing was written; give the id of the one that is yours" },
  );
}

/** Plans what refs or a selection choose. Throws where one of them matches nothing. */
async function plansOfChoice(
  context: Context,
  { input, record }: { input: AdoptInput; record: OpenRecord },
): Promise<DeploymentPlan[]> {
  const selection = readSelection(context, input);
  const isSelection = selectsDeployments(selection) || selection.match !== undefined;
  const refs = isSelection ? input.refs : await requireRefs(context, { refs: input.refs, verb: "adopt" });
  const session = await openFleetSession(context);
  if (session.allDeployments.length > 1) await retryOutages(context);
  const choosing = { refs, selection, isSelection };
  const { items } = await readScope(context, session, choosing, { mustReadAll: true });
  const plans = [...groupBy(items, ({ deployment_id }) => deployment_id).values()].flatMap((theirs) => {
    const [first] = theirs;
    if (first === undefined) return [];
    const target = toTarget(first.deployment, { isNamed: false });
    const found = theirs.map(({ automation: { automation_id, name } }): PlanItem => {
      const isKnown = record.contents.entryOf(target.deployment_id, automation_id) !== undefined;
      return { action: isKnown ? "unchanged" : "adopt", name: name ?? automation_id, automation_id };
    });
    return [{ target, items: found, existingIds: new Set<string>(), isSkipped: false }];
  });
  return withoutDoubtful(context, plans, record);
}

/** Refuses what would replace a line of the record while nobody can say whether its automation is there. */
async function withoutDoubtful(
  context: Context,
  plans: readonly DeploymentPlan[],
  record: OpenRecord,
): Promise<DeploymentPlan[]> {
  const replaced = ({ target: { deployment_id } }: DeploymentPlan, item: PlanItem) =>
    record.contents.entriesOf(deployment_id).filter(({ key, automation_id }) => {
      const isOther = key === keyOfName(item.name) && automation_id !== item.automation_id;
      return isOther && item.action === "adopt";
    });
  const known = plans.flatMap((plan) => plan.items.flatMap((item) => replaced(plan, item)));
  const readings = plans.map((plan) => ({ deployment: plan.target, automations: [] }));
  const { signal } = context;
  const presence = presenceIn(await askForKnown(await context.client(), readings, { known, signal }));
  return plans.map((plan) => ({
    ...plan,
    items: plan.items.map((item) => {
      const doubtful = replaced(plan, item).find((entry) => presence(entry).is === "unknown");
      if (doubtful === undefined) return item;
      const { key, automation_id } = doubtful;
      return {
        ...item,
        error: `the record has ${automation_id} as ${key}, which may still exist`,
      };
    }),
  }));
}
