/** Reads a fleet for `status`: first its lists, then only the rows that are shown. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HermClient } from "../../api/client.js";
import { isSameInstant } from "../../api/schema.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { errorOf, isNotReady } from "../../fleet/outcome.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { checkReadings, readMany, unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import { automationFilter, selectsDeployments } from "../../fleet/selection.js";
import type { ChangeRecord } from "../../history/change.js";
import { type FleetItem, fleetItems } from "../../incident/pause-plan.js";
import { nameIn } from "../../operations/rows/grouped-rows.js";
import { Names } from "../../operations/rows/names.js";
import { reachLine, reachOf } from "../../operations/rows/reach.js";
import { selectFailing } from "../../operations/rows/select-failing.js";
import {
  chooseDeployments,
  type FleetSession,
  readDeployments,
  targetLine,
} from "../../operations/rows/session.js";
import { selectionWords } from "../../operations/selection/selection-flags.js";
import { firstDueMs } from "../../runs/proven-times.js";
import { stateOf, usualGraceMs, waitingRuns } from "../../runs/state.js";
import { questionIn } from "../../runs/thread-text.js";
import { loadOpenIncidents } from "../automations/shared/incident-badges.js";
import { readSincePause } from "../automations/shared/known-changes.js";
import { OverdueRuns } from "../automations/shared/overdue.js";
import { readMessages } from "../runs/shared/messages.js";
import {
  type Finding,
  type FleetStatus,
  fleetFacts,
  isDue,
  type ListedStatus,
  problemRows,
  type ReadDetail,
  type StatusOptions,
  type StatusRow,
  stopsOf,
} from "./facts.js";

/** Reads the lists, then only those problems that are shown. Throws if no read succeeded. */
export async function readFleetStatus(
  context: Context,
  session: FleetSession,
  options: StatusOptions,
): Promise<FleetStatus> {
  const overdue = new OverdueRuns(context, options.graceMs);
  const draft = await draftOf(context, session, { ...options, overdue });
  const { facts, names, earlier, runsSincePause } = draft;
  const room = options.room(draft);
  const { isForPerson } = session.printer;
  const keyOf = keyFor(names, isForPerson);
  const isSure = (finding: Finding) => !isDue(finding) || overdue.isComplete(finding.item.automation);
  const { isShown = () => true } = options;
  const sure = facts.findings.filter(isSure);
  const certain = problemRows(
    sure.filter((each) => !isDue(each) && isShown(each)),
    keyOf,
  );
  const left = Math.max(0, room - certain.length - sure.filter(isDue).length);
  const toRead = facts.findings
    .filter((each) => !isSure(each) && !earlier.has(each.item.deployment_id))
    .slice(0, left);
  const inSight = certain
    .slice(0, room)
    .filter(({ problem }) => problem !== "unexpected" && problem !== "stopped");
  const requested = [...inSight.map(({ first }) => first), ...toRead.map(({ item }) => item)];
  const { details, detailOf } = await readDetails(context, requested, { ...draft, before: options.before });
  const findings: Finding[] = [];
  for (const finding of [...sure, ...toRead]) {
    const { item } = finding;
    if (isSure(finding)) findings.push(finding);
    else {
      const automation = details.get(item)?.automation;
      const dueMs = automation && (await overdue.dueMsOf({ ...item, automation }));
      if (dueMs !== undefined) findings.push({ problem: "overdue", item, sinceMs: dueMs });
    }
  }
  const errors = [...details].flatMap(([item, { error }]) => (error === undefined ? [] : [{ item, error }]));
  const isProved = ({ item }: Finding) => details.has(item) && details.get(item)?.error === undefined;
  return {
    ...draft,
    room,
    facts: { ...facts, findings },
    rows: namedRows(findings.filter(isShown), draft, isForPerson).map((row) => ({
      ...row,
      ...(row.problem === "unexpected"
        ? { since: runsSincePause.since.get(itemKey(row.first)) }
        : { detail: detailOf(row.first) }),
      readMs: earlier.get(row.first.deployment_id),
    })),
    unproven: facts.findings.filter((each) => !isSure(each) && !isProved(each)).map(({ item }) => item),
    errors: [...runsSincePause.unreadable, ...draft.unreadRuns, ...errors],
  };
}

/** Groups findings as `problemRows` does, by name if they are for people. */
export function namedRows(
  findings: readonly Finding[],
  { names, deployments }: Pick<ListedStatus, "names" | "deployments">,
  isForPerson: boolean,
): StatusRow[] {
  const placesOf = ({ items }: Pick<StatusRow, "items">) =>
    deployments.length > 1 ? items.map(({ deployment_id }) => names.deployment(deployment_id)) : [];
  return problemRows(findings, keyFor(names, isForPerson)).map((row) => ({
    ...row,
    called: nameIn(row.first, names),
    deployments: [...new Set(placesOf(row))],
  }));
}

function keyFor(names: Names, isForPerson: boolean): (item: FleetItem) => string {
  return isForPerson ? (item) => nameIn(item, names) : itemKey;
}

async function draftOf(
  context: Context,
  session: FleetSession,
  { selection, graceMs, overdue, before, reader, known: seen = [] }: StatusOptions & { overdue: OverdueRuns },
): Promise<ListedStatus> {
  const { allDeployments } = session;
  const deployments = chooseDeployments(context, { selection, existing: allDeployments });
  const isSilent = before !== undefined;
  const known = seen.filter(({ state }) => state !== "stopped");
  const fresh = await readDeployments(context, session, { deployments, known, isSilent });
  const failed = fresh.filter(({ error }) => error !== undefined);
  const [first] = failed;
  if (first !== undefined && fresh.every(isUnreadable)) {
    const areOnlyYoung = fresh.length > 1 && failed.every(({ error }) => isNotReady(error));
    if (!areOnlyYoung) throw first.error;
  }
  const { readings, earlier } = withEarlier(fresh, before);
  const isSelected = automationFilter(selection);
  const all = fleetItems(readings);
  const { badgesOf, broken } = await loadOpenIncidents(context, session.api);
  const holderOf = ({ deployment_id, automation }: FleetItem) => badgesOf(deployment_id, automation)[0];
  const read: ListedStatus["read"] = new Map();
  const { items: selected, unreadable: unreadRuns } = await selectFailing(context, all.filter(isSelected), {
    ...{ failures: selection.failures, reader, printer: session.printer },
    isFleet: deployments.length > 1,
    isSilent,
    onDetail: (item, automation) => read.set(item, automation),
  });
  const waited = new Set(known.filter(({ state }) => state === "waiting").map(itemKey));
  const { unreadable: unreadWaiting } = await reader.recentRuns(
    selected.filter((item) => {
      const state = stateOf(item.automation);
      return waited.has(itemKey(item)) && state !== "waiting" && state !== "failing";
    }),
    { signal: context.signal },
  );
  const runsSincePause = await readSincePause(context, selected, { reader, signal: context.signal });
  context.signal.throwIfAborted();
  const at = context.serverNow();
  const pauserOf = await loadPausers(context);
  const due = await seemDue(selected, overdue);
  const leftOut = all.length - selected.length;
  const reach = reachOf({ deployments, existing: allDeployments, match: selection.match, leftOut });
  const isWhole = reach === undefined && failed.length === 0 && broken.length === 0;
  const facts = fleetFacts(selected, {
    stops: stopsOf(selected, { holderOf, isWhole, now: at }),
    since: runsSincePause.since,
    runsOf: (item) => reader.runsOf(item),
    pauserOf: (item) => (holderOf(item) === undefined ? pauserOf(item) : undefined),
    dueMsOf: (item) => due.get(item),
    overdueBeforeMs: at.getTime() - graceMs,
  });
  const total = allDeployments.length;
  const { except } = selection;
  // A selector that matches nothing doesn't match in any deployment either, and would be refused.
  const idle = failed.length === 0 ? except.unmatched : [];
  const selectors = selectionWords({
    ...selection,
    allDeployments: selection.allDeployments || !selectsDeployments(selection),
    except: except.values.filter((value) => !idle.includes(value)),
  });
  return {
    title:
      reach === undefined
        ? targetLine(context, { chosen: deployments.length, total })
        : session.printer.isQuiet
          ? undefined
          : reachLine(reach, "not shown"),
    reach,
    failures: selection.failures,
    selectors,
    listCommand: commandLine(context, ["automations", "list", ...selectors]),
    waitingCommand: commandLine(context, ["runs", "list", "--waiting", ...selectors]),
    overdueFlags: graceMs === usualGraceMs ? "--overdue" : `--overdue --grace ${graceMs / 1000}s`,
    at,
    names: new Names(all, deployments),
    deployments,
    total,
    facts,
    readings,
    earlier,
    readMs: context.monotonic(),
    runsSincePause,
    read,
    unreadRuns: [...unreadRuns, ...unreadWaiting],
    unreadable: failed.filter(({ error }) => !isNotReady(error)),
    notReady: failed.flatMap(({ deployment, error }) => (isNotReady(error) ? [deployment] : [])),
    broken,
    automationNames: all.flatMap(({ name }) => name ?? []),
  };
}

/** Finds the time since which each is overdue or, if its list item isn't enough to be sure, seems to be. */
async function seemDue(
  items: readonly FleetItem[],
  overdue: OverdueRuns,
): Promise<Map<FleetItem, number | undefined>> {
  const due = new Map<FleetItem, number | undefined>();
  for (const item of items) {
    const { automation } = item;
    if (!overdue.maybe(automation)) continue;
    const isComplete = overdue.isComplete(automation);
    due.set(item, isComplete ? await overdue.dueMsOf(item) : firstDueMs(automation));
  }
  return due;
}

function withEarlier(
  fresh: readonly DeploymentReading[],
  before: ListedStatus | undefined,
): Pick<ListedStatus, "readings" | "earlier"> {
  const known = new Map(before?.readings.map((reading) => [reading.deployment.deployment_id, reading]));
  const earlier = new Map<string, number>();
  const readings = fresh.map((reading) => {
    const { deployment_id: id } = reading.deployment;
    const last = isUnreadable(reading) && !isNotReady(reading.error) ? known.get(id) : undefined;
    if (before === undefined || last === undefined) return reading;
    earlier.set(id, before.earlier.get(id) ?? before.readMs);
    return { ...last, error: reading.error };
  });
  return { readings, earlier };
}

function isUnreadable({ automations, error }: DeploymentReading): boolean {
  return error !== undefined && automations.length === 0;
}

/** Finds who paused automations from here without an incident, unless changed since. There may be no history. */
async function loadPausers({
  settings,
}: Pick<Context, "settings">): Promise<(item: FleetItem) => string | undefined> {
  if (!existsSync(join(settings.dataDir, "history"))) return () => undefined;
  const { changeRecordsOf } = await import("../../history/change-records.js");
  const last = new Map<string, ChangeRecord>();
  for (const record of changeRecordsOf(settings, { ofIncidents: false })) last.set(itemKey(record), record);
  return (item) => {
    const { change, by, updated_at } = last.get(itemKey(item)) ?? {};
    const isLast = change === "pause" && isSameInstant(updated_at, item.automation.updated_at);
    return isLast && by !== undefined ? settings.redact(by.user) : undefined;
  };
}

/**
 * Reads each automation with a GET, and the threads of waiting runs to get their questions. Reuses the parts of the
 * last status that don't change. A failed read doesn't stop the others; throws if the key is refused everywhere.
 */
async function readDetails(
  context: Context,
  items: readonly FleetItem[],
  { before, earlier, read }: Pick<StatusOptions, "before"> & Pick<ListedStatus, "earlier" | "read">,
): Promise<{
  details: ReadonlyMap<FleetItem, ReadDetail>;
  detailOf(item: FleetItem): ReadDetail | undefined;
}> {
  const known = readBefore(before);
  const knownOf = (item: FleetItem) => known.get(runKey(item));
  const isEarlier = ({ deployment_id }: FleetItem) => earlier.has(deployment_id);
  // A failed run no longer changes.
  const overOf = (item: FleetItem) =>
    item.automation.last_run_status === "error" || isEarlier(item) ? knownOf(item) : undefined;
  const unknown = items.filter((item) => overOf(item) === undefined && !isEarlier(item));
  const client = await context.client();
  const results = await readMany<FleetItem, ReadDetail>(unknown, {
    client,
    signal: context.signal,
    read: (item) => {
      const automation = read.get(item);
      return readDetail(context, client, item, automation ? { automation } : knownOf(item));
    },
  });
  checkReadings(results, context.signal);
  const details = new Map(
    results.map(({ item, outcome }): [FleetItem, ReadDetail] =>
      "value" in outcome ? [item, outcome.value] : [item, { automation: undefined, error: errorOf(outcome) }],
    ),
  );
  return { details, detailOf: (item) => overOf(item) ?? details.get(item) };
}

async function readDetail(
  context: Context,
  client: HermClient,
  item: FleetItem,
  known: ReadDetail | undefined,
): Promise<ReadDetail> {
  const { deployment_id, automation_id, automation: listed } = item;
  const automation =
    known?.automation ??
    (await unlessGone(client.automations.get(deployment_id, automation_id, { signal: context.signal })));
  if (automation === undefined) return { automation };
  const isWaiting = stateOf(listed, { runs: automation.recent_runs }) === "waiting";
  const status = isWaiting ? "waiting_on_human" : listed.last_run_status;
  const run = automation.recent_runs.find((each) => each.status === status);
  if (!isWaiting || run === undefined) return { automation, run };
  try {
    const { name, thread_id } = automation;
    const place = { deployment_id, automation: { automation_id, name, thread_id } };
    const question = questionIn((await readMessages(context, { ...place, run })) ?? []);
    return { automation, run, question };
  } catch (error) {
    context.signal.throwIfAborted();
    return { automation, run, error };
  }
}

/** If a run waits behind a newer one, no list shows when it ends, so its automation is read again. */
function readBefore({ rows }: Pick<FleetStatus, "rows"> = { rows: [] }): Map<string, ReadDetail> {
  return new Map(
    rows.flatMap(({ problem, first, detail }) => {
      const waiting =
        waitingRuns(detail?.automation ?? {}) - waitingRuns({ ...first.automation, recent_runs: [] });
      const isKnown = detail?.run !== undefined && detail.error === undefined && waiting === 0;
      return isKnown && !isDue({ problem }) ? [[runKey(first), detail] as const] : [];
    }),
  );
}

function runKey(item: FleetItem): string {
  const { last_run_at: at, last_run_status: status } = item.automation;
  return JSON.stringify([itemKey(item), at, status]);
}
