import type { HermClient } from "../../../api/client.js";
import { NotFoundError } from "../../../api/errors.js";
import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { ReadOrFailed } from "../../../fleet/read-many.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../../fleet/selection.js";
import type { Limits } from "../../../fleet/silent-deployments.js";
import type { ChangesOf } from "../../../incident/ledger-index.js";
import type { Audit } from "../../../observe/audit.js";
import type { AuditOptions } from "../../../observe/audited-run.js";
import { listSuffices } from "../../../observe/list-suffices.js";
import type { Printer } from "../../../output/printer.js";
import { ReadingProgress, readWithProgress } from "../../fleet/read-with-progress.js";
import { listAutomations, resolveAutomations } from "../../targets/resolve-automations.js";
import { resolveDeployments } from "../../targets/resolve-deployment.js";
import { withoutUnready } from "../../targets/selection.js";
import { loadKnownChanges } from "../shared/known-changes.js";

/** Times by the server's clock. */
export type AuditTimes = Omit<AuditOptions, "changes">;

export interface AuditQuestion<Verdict = Audit> {
  refs: readonly string[];
  selection: Selection;
  /** Called once, when an answer has set the server's clock. */
  times(): AuditTimes;
  /** Automations that may have any run in the window are read. */
  wantsRuns?: boolean;
  judge(automation: AutomationDetail, options: AuditOptions): Verdict;
}

interface AuditTarget {
  target: DeploymentTarget;
  automation_id: string;
  listed?: Automation | undefined;
}

export interface Audited<Verdict = Audit> {
  target: DeploymentTarget;
  automation: Pick<Automation, "automation_id" | "name" | "created_at">;
  runs: number;
  audit: Verdict | { error: unknown };
}

export interface Audits<Verdict = Audit> {
  audited: Audited<Verdict>[];
  unreadable: { target: DeploymentTarget; error: unknown }[];
  names: string[];
  selected: number;
  deployments: DeploymentTarget[];
  isFleet: boolean;
  times: AuditTimes;
  changesOf: ChangesOf;
}

/**
 * Audits the selection: the lists, and one GET for each automation whose list item isn't enough. Throws the first
 * error if nothing could be read, and what refs throw.
 */
export async function collectAudits<Verdict extends object>(
  context: Context,
  question: AuditQuestion<Verdict>,
  printer: Printer,
): Promise<Audits<Verdict>> {
  const { refs, selection } = question;
  const progress = new ReadingProgress(context, printer);
  const listed =
    refs.length > 0
      ? await targetsOfRefs(context, refs)
      : await listTargets(context, { selection, printer, progress });
  const { targets, unreadable } = listed;
  const changesOf = await loadKnownChanges(context, { isWhole: true });
  const client = await context.client();
  let asked: AuditTimes | undefined;
  const times = () => {
    asked ??= question.times();
    return asked;
  };
  const read = await readWithProgress(context, targets, {
    progress,
    stage: "automations",
    deploymentOf: ({ target }) => target.deployment_id,
    read: (target, limits) => auditOne(target, { ...question, client, times, changesOf, limits }),
  });
  const { found, errors } = withoutDeleted(read, { areNamed: refs.length > 0 });
  const isNothingRead = found.length === 0 && (errors.length > 0 || listed.isNothingRead);
  const first = errors[0] ?? unreadable[0];
  if (isNothingRead && first !== undefined) throw first.error;
  const byTarget = new Map<AuditTarget, Audited<Verdict>>();
  for (const { item, value } of found) byTarget.set(item, { target: item.target, ...value });
  for (const { item, error } of errors) byTarget.set(item, unreadAudit(item, error));
  const audited = targets.flatMap((target) => byTarget.get(target) ?? []);
  const { names, deployments } = listed;
  return {
    audited,
    unreadable,
    names,
    selected: targets.length,
    deployments,
    isFleet: deployments.length !== 1,
    times: times(),
    changesOf,
  };
}

interface Auditing<Verdict> extends Pick<AuditQuestion<Verdict>, "judge" | "times" | "wantsRuns"> {
  client: HermClient;
  changesOf: ChangesOf;
  limits: Limits;
}

async function auditOne<Verdict extends object>(
  { target: { deployment_id }, automation_id, listed }: AuditTarget,
  { client, judge, times, changesOf, wantsRuns, limits }: Auditing<Verdict>,
): Promise<Omit<Audited<Verdict>, "target">> {
  const known = changesOf({ deployment_id, automation_id });
  const isListedWhole = (automation: Automation) => {
    const options = { ...times(), changes: known };
    const hasRuns = wantsRuns === true && mayHaveRun(automation, options.window.sinceMs);
    return !hasRuns && listSuffices(automation, options);
  };
  const automation =
    listed !== undefined && isListedWhole(listed)
      ? withRuns(listed)
      : await client.automations.get(deployment_id, automation_id, limits);
  const audit = judge(automation, { ...times(), changes: known });
  return { automation: pickAudited(automation), runs: automation.recent_runs.length, audit };
}

function pickAudited({ automation_id, name, created_at }: Automation): Audited["automation"] {
  return { automation_id, name, created_at };
}

/** A last run that is null never was; one that the list doesn't have may have been at any time. */
function mayHaveRun({ last_run_at: last }: Automation, sinceMs: number): boolean {
  return last === undefined || (last !== null && Date.parse(last) >= sinceMs);
}

function withRuns(listed: Automation): AutomationDetail {
  const { recent_runs: runs } = listed;
  return { ...listed, recent_runs: Array.isArray(runs) ? (runs as AutomationDetail["recent_runs"]) : [] };
}

function unreadAudit({ target, automation_id, listed }: AuditTarget, error: unknown): Audited<never> {
  return {
    target,
    automation: { automation_id, name: listed?.name },
    runs: 0,
    audit: { error },
  };
}

/** Ignores what was deleted while it was read, unless a person named it. */
function withoutDeleted<Value>(
  { found, errors }: ReadOrFailed<AuditTarget, Value>,
  { areNamed }: { areNamed: boolean },
): ReadOrFailed<AuditTarget, Value> {
  return { found, errors: errors.filter(({ error }) => areNamed || !(error instanceof NotFoundError)) };
}

interface AuditTargets {
  targets: AuditTarget[];
  unreadable: Audits["unreadable"];
  names: string[];
  deployments: DeploymentTarget[];
  isNothingRead: boolean;
}

async function targetsOfRefs(context: Context, refs: readonly string[]): Promise<AuditTargets> {
  const resolved = await resolveAutomations(context, refs);
  const targets = resolved.map(({ deployment_id, deployment_name, automation_id, automation }) => ({
    target: { deployment_id, name: deployment_name ?? deployment_id, isNamed: true },
    automation_id,
    listed: automation,
  }));
  const byId = new Map(targets.map(({ target }) => [target.deployment_id, target]));
  return {
    targets,
    unreadable: [],
    names: [],
    deployments: [...byId.values()],
    isNothingRead: false,
  };
}

async function listTargets(
  context: Context,
  { selection, printer, progress }: { selection: Selection; printer: Printer; progress: ReadingProgress },
): Promise<AuditTargets> {
  const isSelected = automationFilter(selection);
  const targets = await resolveDeployments(context, selection);
  const { found, errors } = await readWithProgress(context, targets, {
    progress,
    stage: "deployments",
    deploymentOf: ({ deployment_id }) => deployment_id,
    read: ({ deployment_id }, limits) => listAutomations(context, deployment_id, limits),
  });
  const unreadable = withoutUnready(printer, errors, { areSeveral: targets.length > 1 });
  const automations = found.flatMap(({ item: target, value }) =>
    value.filter(isSelected).map((listed) => ({ target, automation_id: listed.automation_id, listed })),
  );
  const names = found.flatMap(({ value }) => value.flatMap(({ name }) => name ?? []));
  return {
    targets: automations,
    unreadable: unreadable.map(({ item: target, error }) => ({ target, error })),
    names,
    deployments: [...targets],
    isNothingRead: found.length === 0,
  };
}
