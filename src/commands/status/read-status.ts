import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { isNotReady } from "../../fleet/readiness.js";
import { itemKey } from "../../fleet/refs.js";
import { automationFilter } from "../../fleet/selection.js";
import { type FleetItem, fleetItems } from "../../incident/pause-plan.js";
import { type Lateness, latenessOf } from "../automations/list/lateness.js";
import { hasHadIncidents } from "../automations/shared/incident-badges.js";
import { readSincePause } from "../automations/shared/known-changes.js";
import { usualGraceMs } from "../automations/shared/status-column.js";
import { nameIn } from "../fleet/grouped-rows.js";
import { Names } from "../fleet/names.js";
import { type FleetSession, readDeployments, targetLine } from "../fleet/session.js";
import { isUnreadable, readDetails, withEarlier } from "./details.js";
import { countOf, type Finding, fleetFacts, problemRows } from "./facts.js";
import type { FleetStatus, ListedStatus, StatusOptions } from "./fleet-status.js";
import { chooseDeployments, sameSelection } from "./same-selection.js";

/** Reads the lists, then of what needs attention only what is shown. Throws what kept everything from being read. */
export async function readFleetStatus(
  context: Context,
  session: FleetSession,
  options: StatusOptions,
): Promise<FleetStatus> {
  const lateness = latenessOf(context, options.graceMs);
  const draft = await draftOf(context, session, { ...options, lateness });
  const { facts, names, earlier, ran } = draft;
  const room = options.room(draft);
  const keyOf = session.printer.isForPerson ? (item: FleetItem) => nameIn(rowOf(item), names) : itemKey;
  const isSure = ({ problem, item }: Finding) => problem !== "late" || lateness.isComplete(item.automation);
  const sure = facts.findings.filter(isSure);
  const certain = problemRows(
    sure.filter(({ problem }) => problem !== "late"),
    keyOf,
  );
  const left = Math.max(0, room - certain.length - countOf({ findings: sure }, "late"));
  const toRead = facts.findings
    .filter((each) => !isSure(each) && !earlier.has(each.item.deployment_id))
    .slice(0, left);
  const inSight = certain.slice(0, room).filter(({ problem }) => problem !== "unexpected");
  const requested = [...inSight.map(({ first }) => first), ...toRead.map(({ item }) => item)];
  const { details, detailOf } = await readDetails(context, requested, { before: options.before, earlier });
  const findings: Finding[] = [];
  for (const finding of [...sure, ...toRead]) {
    const { problem, item } = finding;
    const read = isSure(finding) ? item.automation : details.get(item)?.automation;
    const sinceMs = problem === "late" ? read && (await lateness.dueMs(item, read)) : finding.sinceMs;
    if (problem !== "late" || sinceMs !== undefined) findings.push({ ...finding, sinceMs });
  }
  const errors = [...details.values()].flatMap(({ error }) => (error === undefined ? [] : [error]));
  const failed = toRead.filter(({ item }) => details.get(item)?.error !== undefined);
  return {
    ...draft,
    room,
    facts: { ...facts, findings },
    rows: problemRows(findings, keyOf).map((row) => ({
      ...row,
      called: nameIn(rowOf(row.first), names),
      deployments: draft.deployments.length > 1 ? deploymentNames(row.items, names) : [],
      ...(row.problem === "unexpected"
        ? { since: ran.since.get(itemKey(row.first)) }
        : { detail: detailOf(row.first) }),
      readMs: earlier.get(row.first.deployment_id),
    })),
    unproven: facts.findings.length - sure.length - toRead.length + failed.length,
    errors: [...ran.unreadable.map(({ error }) => error), ...errors],
  };
}

async function draftOf(
  context: Context,
  session: FleetSession,
  { selection, graceMs, lateness, before, reader }: StatusOptions & { lateness: Lateness },
): Promise<ListedStatus> {
  const { everyone } = session;
  const deployments = chooseDeployments(context, { selection, everyone });
  const fresh = await readDeployments(context, session, { deployments, isSilent: before !== undefined });
  const failed = fresh.filter(({ error }) => error !== undefined);
  const [first] = failed;
  if (first !== undefined && fresh.every(isUnreadable)) {
    const areOnlyYoung = fresh.length > 1 && failed.every(({ error }) => isNotReady(error));
    if (!areOnlyYoung) throw first.error;
  }
  const { readings, earlier } = withEarlier(fresh, before);
  const isSelected = automationFilter(selection);
  const all = fleetItems(readings);
  const { holderAt, broken } = await openIncidents(context, session);
  const selected = all.filter(isSelected);
  const ran = await readSincePause(context, selected, { reader, signal: context.signal });
  context.signal.throwIfAborted();
  const at = context.serverNow();
  const facts = fleetFacts(selected, {
    since: ran.since,
    holderOf: (item) => holderAt(item, item.automation),
    seemsDueMs: lateness.seemsDueMs,
    overdueBeforeMs: at.getTime() - graceMs,
  });
  const total = everyone.length;
  const same = sameSelection(context, { selection, isReadWhole: failed.length === 0 });
  return {
    target: targetLine(context, { chosen: deployments.length, total, api: session.api }),
    list: commandLine(context, ["automations", "list", ...same]),
    lateFlags: graceMs === usualGraceMs ? "--late" : `--late --grace ${graceMs / 1000}s`,
    at,
    names: new Names(all, deployments),
    deployments,
    total,
    facts,
    readings,
    earlier,
    readMs: context.monotonic(),
    ran,
    unreadable: failed.filter(({ error }) => !isNotReady(error)),
    notReady: failed.flatMap(({ deployment, error }) => (isNotReady(error) ? [deployment] : [])),
    broken,
    known: all.flatMap(({ name }) => name ?? []),
  };
}

async function openIncidents(context: Context, { api }: Pick<FleetSession, "api">) {
  if (!hasHadIncidents(context)) return { holderAt: () => undefined, broken: [] };
  const { ownerFinder, readIndexedLedgers } = await import("../../incident/ledger-index.js");
  const { settings } = context;
  const { held, broken } = readIndexedLedgers(settings);
  const holder = ownerFinder(settings, { held, api });
  const holderAt: typeof holder = (...asked) => {
    const head = holder(...asked);
    return head && { ...head, incident: settings.redact(head.incident) };
  };
  return { holderAt, broken };
}

function deploymentNames(items: readonly FleetItem[], names: Names): string[] {
  return [...new Set(items.map(({ deployment_id }) => names.deployment(deployment_id)))];
}

function rowOf({ deployment_id, automation_id, name = null }: FleetItem) {
  return { deployment_id, automation_id, name };
}
