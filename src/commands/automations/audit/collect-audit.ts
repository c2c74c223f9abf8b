import type { HermClient } from "../../../api/client.js";
import { saysNotThere } from "../../../api/exchange.js";
import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import type { DeploymentTarget, Selection } from "../../../fleet/selection.js";
import type { Limits } from "../../../fleet/silent-deployments.js";
import type { ChangesOf } from "../../../incident/ledger-index.js";
import { once } from "../../../operations/lazy-value.js";
import { ReadingProgress, readWithProgress } from "../../../operations/rows/progress.js";
import {
  listSelected,
  mayHaveRun,
  type SelectedAutomation,
  type SelectionListing,
  sourcesOf,
} from "../../../operations/selection/selected-automations.js";
import type { Printer } from "../../../output/printer.js";
import { type Audit, type AuditOptions, listSuffices } from "../../../runs/audit-results.js";
import { loadKnownChanges } from "../shared/known-changes.js";

/** Times by the server's clock. */
export type AuditTimes = Omit<AuditOptions, "changes">;

export interface AuditQuestion<Verdict = Audit> {
  refs: readonly string[];
  selection: Selection;
  /** Called once, after a response has set the server's clock. */
  times(): AuditTimes;
  /** True if every automation that may have a run in the window should be read. */
  wantsRuns?: boolean;
  /** True if runs will be started, because then only failures since the last change count. */
  isChange?: boolean;
  judge(automation: AutomationDetail, options: AuditOptions): Verdict;
}

export interface AuditSubject {
  deployment_id: string;
  deployment_name: string;
  customer_id?: string | undefined;
  automation?: Pick<Automation, "automation_id" | "name" | "created_at"> | undefined;
}

export interface Audited<Verdict = Audit> extends AuditSubject {
  automation: NonNullable<AuditSubject["automation"]>;
  runs: number;
  audit: Verdict | { error: unknown };
}

export interface Audits<Verdict = Audit> extends Pick<SelectionListing, "names" | "leftOut" | "unreadable"> {
  audited: Audited<Verdict>[];
  selected: number;
  deployments: readonly DeploymentTarget[];
  isFleet: boolean;
  times: AuditTimes;
  changesOf: ChangesOf;
}

/**
 * Audits the selection from its lists, with a GET for each automation whose list item isn't enough. Throws the error
 * for a ref, or the first error if every read failed.
 */
export async function collectAudits<Verdict extends object>(
  context: Context,
  question: AuditQuestion<Verdict>,
  printer: Printer,
): Promise<Audits<Verdict>> {
  const { refs, selection } = question;
  const progress = new ReadingProgress(context, printer);
  const sources = await sourcesOf(context, { refs, selection });
  const listing = { ...sources, selection, printer, progress, isChange: question.isChange };
  const { automations, names, leftOut, unreadable, hasRead } = await listSelected(context, listing);
  const changesOf = await loadKnownChanges(context);
  const client = await context.client();
  const times = once(() => question.times());
  const { found, errors } = await readWithProgress(context, automations, {
    progress,
    stage: "automations",
    read: (target, limits) => auditOne(target, { ...question, client, times, changesOf, limits }),
  });
  // An automation deleted since it was listed is ignored, unless the user named it.
  const failed = errors.filter(({ error }) => refs.length > 0 || !saysNotThere(error));
  const isNothingRead = found.length === 0 && (failed.length > 0 || !hasRead);
  const first = failed[0] ?? unreadable[0];
  if (isNothingRead && first !== undefined) throw first.error;
  const audits = new Map<SelectedAutomation, Pick<Audited<Verdict>, "automation" | "runs" | "audit">>();
  for (const { item, value } of found) audits.set(item, value);
  for (const { item, error } of failed) {
    const { automation_id, listed } = item;
    audits.set(item, { automation: { automation_id, name: listed?.name }, runs: 0, audit: { error } });
  }
  return {
    audited: automations.flatMap((each) => {
      const audit = audits.get(each);
      return audit === undefined ? [] : { ...placeOf(each.target), ...audit };
    }),
    unreadable,
    names,
    leftOut,
    selected: automations.length,
    deployments: sources.targets,
    isFleet: sources.targets.length > 1,
    times: times(),
    changesOf,
  };
}

export function placeOf({ deployment_id, name, customer_id }: DeploymentTarget): AuditSubject {
  return { deployment_id, deployment_name: name, customer_id };
}

interface Auditing<Verdict> extends Pick<AuditQuestion<Verdict>, "judge" | "times" | "wantsRuns"> {
  client: HermClient;
  changesOf: ChangesOf;
  limits: Limits;
}

async function auditOne<Verdict extends object>(
  { deployment_id, automation_id, listed }: SelectedAutomation,
  { client, judge, times, changesOf, wantsRuns, limits }: Auditing<Verdict>,
): Promise<Pick<Audited<Verdict>, "automation" | "runs"> & { audit: Verdict }> {
  const changes = changesOf({ deployment_id, automation_id });
  const isListedWhole = (automation: Automation) => {
    const options = { ...times(), changes };
    const hasRuns = wantsRuns === true && mayHaveRun(automation, new Date(options.window.sinceMs));
    return !hasRuns && listSuffices(automation, options);
  };
  const automation =
    listed !== undefined && isListedWhole(listed)
      ? withRuns(listed)
      : await client.automations.get(deployment_id, automation_id, limits);
  const audit = judge(automation, { ...times(), changes });
  const { name, created_at, recent_runs } = automation;
  return { automation: { automation_id, name, created_at }, runs: recent_runs.length, audit };
}

function withRuns(listed: Automation): AutomationDetail {
  const { recent_runs: runs } = listed;
  return { ...listed, recent_runs: Array.isArray(runs) ? (runs as AutomationDetail["recent_runs"]) : [] };
}
