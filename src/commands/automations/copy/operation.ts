import type { DeploymentSummary } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError, UsageError } from "../../../errors.js";
import { Exclusions } from "../../../fleet/exclusions.js";
import { errorOf } from "../../../fleet/outcome.js";
import { type DeploymentTarget, selectsDeployments, toTarget } from "../../../fleet/selection.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { deploymentsOf, toScope } from "../../../incident/scope.js";
import { readForManifest } from "../../../manifest/export/collect.js";
import { type DeploymentPlan, type Task, tasksOf } from "../../../manifest/plan/fleet-plan.js";
import { moveOf, type PlanItem } from "../../../manifest/plan/plan-item.js";
import { renderChangeGroups, type ShownChange } from "../../../operations/change-groups.js";
import type { Plan } from "../../../operations/operation.js";
import { Names } from "../../../operations/rows/names.js";
import { ReadingProgress } from "../../../operations/rows/progress.js";
import { reachOf } from "../../../operations/rows/reach.js";
import { readScope } from "../../../operations/rows/read-scope.js";
import type { FleetRow } from "../../../operations/rows/rows.js";
import { type FleetSession, openFleetSession, targetLine } from "../../../operations/rows/session.js";
import { runOperation } from "../../../operations/run-operation.js";
import { requireRefs } from "../../../operations/selection/pick.js";
import { readSelection } from "../../../operations/selection/selection.js";
import { createPrinter } from "../../../output/printer.js";
import { hintAtStopped } from "../manifest/planning/failures.js";
import { type Planning, planDesired } from "../manifest/planning/plan-desired.js";
import { TaskSender } from "../manifest/sending/send-task.js";
import { printPlanWarnings } from "../manifest/view/annotations.js";
import { restRow, taskSubject } from "../manifest/view/change-rows.js";
import { type CopySource, desiredStates } from "./desired-states.js";
import type { CopyInput } from "./input.js";

/** Copies what refs or a selection choose (src/manifest/README.md, "Copies"). */
export async function copyAutomations(context: Context, input: CopyInput): Promise<void> {
  requireTarget(input);
  const printer = await createPrinter(context);
  await runOperation<Task, string, CopyPlan>(context, {
    words: {
      verb: "Copy",
      doing: "Copying",
      done: "copied",
      cant: "can't be copied",
    },
    input,
    confirmationSubject: "copy",
    canBeUndone: true,
    plan: () => planCopies(context, input),
    subject: taskSubject,
    move: ({ planItem }) => moveOf(planItem),
    send: (task, tools, { sender }) => sender.send(task, tools),
    detail: ({ planItem: { changes, action } }, success) => ({
      ...(success === undefined ? {} : { automation_id: success.value }),
      ...(success?.result === "unchanged"
        ? {}
        : { changes, reason: action === "update" ? Object.keys(changes ?? {}).join(", ") : undefined }),
    }),
    after: async ({ results, plan: { sender, plans } }) => {
      const failure = await sender.after(results);
      hintAtStopped(printer, plans);
      return failure;
    },
    close: ({ sender }) => sender.close(),
  });
}

interface CopyPlan extends Plan<Task>, Pick<Planning, "plans"> {
  sender: TaskSender;
}

/** Plans what the targets lack, and with `--update` what differs there. */
async function planCopies(context: Context, input: CopyInput): Promise<CopyPlan> {
  const { sources, targets, session } = await chooseCopies(context, input);
  const { allDeployments, printer } = session;
  const states = sources.length === 0 ? [] : desiredStates(sources, targets, input);
  const deployments = states.map(({ target }) => ({ ...target }));
  const { plans, warnings, planAgain } = await planDesired(context, {
    desired: states,
    printer,
    waitReady: { namedMs: input.waitReady },
    planOptions: { conflictHint: "rename or delete all but one there, then copy again" },
  });
  const [only] = plans;
  if (states.length === 1 && only?.error !== undefined) throw only.error;
  printPlanWarnings(context, { printer, warnings });
  const isSent = ({ planItem: { action } }: Pick<Task, "planItem">) => input.update || action !== "update";
  const items = tasksOf(plans).filter(isSent);
  const sent = new Set(items.map(({ planItem }) => planItem));
  const unsentRows = plans.flatMap((plan) =>
    plan.items.flatMap((change) => (sent.has(change) ? [] : restOf(plan, change))),
  );
  const names = new Names([...items.map(taskSubject), ...unsentRows], deployments);
  return {
    plans,
    sender: new TaskSender(context, { lockedWork: "copying to", tasks: items, planAgain, printer }),
    items,
    unsentRows,
    unreadable: [],
    deployments,
    names,
    isOneItem: items.length === 1,
    view: {
      target: targetLine(context, { chosen: deployments.length, total: allDeployments.length }),
      reach: reachOf({ deployments, everyone: withoutSources(allDeployments, sources), leftOut: 0 }),
      body: (look) => renderChangeGroups(items.map(shown), { ...look, names }),
    },
  };
}

/** The deployments that may be copied to. */
function withoutSources(
  all: readonly DeploymentSummary[],
  sources: readonly CopySource[],
): DeploymentSummary[] {
  const ids = new Set(sources.map(({ deployment }) => deployment.deployment_id));
  return all.filter(({ deployment_id }) => !ids.has(deployment_id));
}

function shown(task: Task): ShownChange {
  const { action, changes = {} } = task.planItem;
  const { name: _name, ...others } = changes;
  const item = taskSubject(task);
  return action === "create"
    ? { item, sign: "+", word: "create", changes: others }
    : { item, sign: "~", changes };
}

/** The row of what isn't sent: unchanged, different or failed. */
function restOf(plan: Pick<DeploymentPlan, "target" | "error">, change: PlanItem): FleetRow {
  const row = restRow(plan, change);
  if (row.result !== "skipped" || change.action !== "update") return row;
  return {
    ...row,
    reason: `differs in ${Object.keys(change.changes ?? {}).join(" and ")}; --update changes it`,
  };
}

function requireTarget({ to, toCustomer, toAllDeployments }: CopyInput): void {
  if (to.length > 0 || toCustomer !== undefined || toAllDeployments) return;
  throw new UsageError("no target given", {
    hint: "--to <deployment>, --to-customer <id> or --to-all-deployments",
  });
}

/**
 * Finds what is to be copied, with instructions, and the target deployments. Throws where a selector matches nothing.
 */
async function chooseCopies(context: Context, input: CopyInput) {
  const { concurrency } = input;
  const selection = readSelection(context, input);
  const isSelection =
    selectsDeployments(selection) || selection.match !== undefined || selection.failures !== undefined;
  const refs = isSelection ? input.refs : await requireRefs(context, { refs: input.refs, verb: "copy" });
  const session = await openFleetSession(context);
  const { targets, matchedExcludes } = chooseTargets(context, session, input);
  const choosing = { refs, selection, isSelection };
  const { items } = await readScope(context, session, choosing, {
    concurrency,
    mustReadAll: true,
    matchedExcludes,
    isChange: false,
  });
  return { sources: await readSources(context, items, session), targets, session };
}

/** `matchedExcludes`: values of `--except` that leave out any of them. */
function chooseTargets(
  context: Context,
  { allDeployments }: FleetSession,
  { to, toCustomer, except }: CopyInput,
): { targets: DeploymentTarget[]; matchedExcludes: ReadonlySet<string> } {
  const requested = { deployments: [...to], customer: toCustomer, allDeployments: to.length === 0 };
  const scope = toScope({ ...requested, except: [] }, { everyone: allDeployments, at: context.now() });
  const found = deploymentsOf(scope, allDeployments);
  // What a person named is meant.
  const excludes = new Exclusions(to.length > 0 ? [] : except);
  const targets = found
    .filter((deployment) => !excludes.matchesDeployment(deployment))
    .map((deployment) => toTarget(deployment, { isNamed: to.length > 0 }));
  if (targets.length === 0) throw new NothingFoundError("--except leaves no deployment to copy to");
  const unmatched = new Set(excludes.unmatched);
  return { targets, matchedExcludes: new Set(excludes.values.filter((value) => !unmatched.has(value))) };
}

async function readSources(
  context: Context,
  items: readonly FleetItem[],
  { client, printer }: FleetSession,
): Promise<CopySource[]> {
  const progress = new ReadingProgress(context, printer);
  const results = await readForManifest(items, {
    client,
    signal: context.signal,
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  return results.flatMap(({ item, outcome }): CopySource[] => {
    const { automation_id, name } = item;
    const deployment = toTarget(item.deployment, { isNamed: false });
    const error = errorOf(outcome);
    if (error !== undefined) throw error;
    if (!("value" in outcome)) return [];
    if (outcome.value === undefined)
      throw new NothingFoundError(
        `"${name ?? automation_id}" isn't in ${deployment.name} any more; nothing was changed`,
        { hint: "run it again to copy the others" },
      );
    if (outcome.value !== "incomplete") return [{ deployment, automation: outcome.value }];
    throw new NotPossibleError(
      `"${name ?? automation_id}" in ${deployment.name}: the API omits fields a copy needs; nothing was changed`,
      { hint: `--except ${automation_id} excludes it` },
    );
  });
}
