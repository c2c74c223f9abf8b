import type { Automation } from "../../../api/types.js";
import { groupBy } from "../../../manifest/group-by.js";
import { forecaster, sumForecasts } from "../../../observe/forecast.js";
import { type RunStatistics, type StartedRun, statisticsOf } from "../../../observe/statistics.js";
import { counted, countedOf } from "../../../output/count.js";
import { formatRfc3339 } from "../../../output/time.js";
import type { CollectedEach } from "../list/collect.js";
import { shortOf } from "../list/reach.js";
import { groupColumns } from "./columns.js";
import { type Counted, type Since, seeRuns } from "./counted.js";
import { hundredths, percentText } from "./numbers.js";
import type { GroupRow, StatsView } from "./view.js";

/** An automation that was read. */
interface Judged extends Counted {
  automation: Pick<Automation, "automation_id" | "name" | "enabled" | "schedule">;
  statistics: RunStatistics;
  /** For those of its deployment; absent where each automation has a row of its own. */
  started?: readonly StartedRun[];
}

/** A row for each automation, or for each deployment, that had a run. */
export function groupsView(by: "automation" | "deployment"): StatsView<GroupRow, Judged> {
  return {
    see: (place, detail, since) => {
      const { counted, started } = seeRuns(place, detail, since);
      const { enabled, schedule } = detail;
      return {
        ...counted,
        automation: { ...counted.automation, enabled, schedule },
        statistics: statisticsOf(started),
        ...(by === "deployment" ? { started } : {}),
      };
    },
    rows: (collected, since) => {
      const rows = by === "automation" ? automationRows(collected, since) : deploymentRows(collected, since);
      return rows.filter(({ statistics: { runs } }) => runs > 0).sort(byNeed);
    },
    columns: (look) => groupColumns(look, by),
    firstKey: "runs",
    json: groupJson,
    name: ({ target: { deploymentId }, automation }, { isFleet }) => {
      if (automation === undefined) return deploymentId;
      return isFleet ? `${deploymentId}/${automation.automation_id}` : automation.automation_id;
    },
    total: (rows, { facts, seen }) => {
      const of = by === "automation" ? Math.max(facts.selected.length, seen.length) : undefined;
      const what = countedOf(rows.length, by, { limit: undefined, total: of });
      const sum = (count: (statistics: RunStatistics) => number) =>
        rows.reduce((total, { statistics }) => total + count(statistics), 0);
      const runs = sum((statistics) => statistics.runs);
      const [completed, failed] = [sum((each) => each.completed), sum((each) => each.failed)];
      const success = completed + failed === 0 ? undefined : completed / (completed + failed);
      return `${what}, ${counted(runs, "run")}: ${percentText(success)} ok`;
    },
    none: (runs) => `none of the ${counted(runs, "run")} says when it started`,
  };
}

function automationRows({ seen }: CollectedEach<Judged>, { sinceMs, nowMs }: Since): GroupRow[] {
  const forecast = forecaster(nowMs);
  const knownSince = knownSinceOf(seen, sinceMs);
  return seen.map((each) => {
    const { target, automation, statistics } = each;
    return {
      target,
      automation,
      automations: 1,
      statistics,
      forecast: sumForecasts([forecast(automation, statistics)]),
      knownSinceMs: knownSince(each),
    };
  });
}

function deploymentRows({ seen, facts }: CollectedEach<Judged>, { sinceMs, nowMs }: Since): GroupRow[] {
  const forecast = forecaster(nowMs);
  const knownSince = knownSinceOf(seen, sinceMs);
  const listed = groupBy(facts.selected, ({ target }) => target.deploymentId);
  return [...groupBy(seen, ({ target }) => target.deploymentId)].flatMap(([deploymentId, here]) => {
    const [first] = here;
    if (first === undefined) return [];
    const read = new Set(here.map(({ automation }) => automation.automation_id));
    const unread = (listed.get(deploymentId) ?? []).filter(({ automationId }) => !read.has(automationId));
    return {
      target: first.target,
      automations: here.filter(({ statistics: { runs } }) => runs > 0).length,
      statistics: statisticsOf(here.flatMap(({ started = [] }) => started)),
      forecast: sumForecasts([
        ...here.map(({ automation, statistics }) => forecast(automation, statistics)),
        // Whoever had no run isn't read, and says nothing of how long it takes.
        ...unread.map((automation) => forecast(automation, { medianMs: undefined })),
      ]),
      knownSinceMs: Math.max(...here.map(knownSince)),
    };
  });
}

function knownSinceOf(seen: readonly Judged[], sinceMs: number): (each: Judged) => number {
  const short = new Map(shortOf(seen, new Date(sinceMs)).map((each) => [each.seen, each.sinceMs] as const));
  return (each) => short.get(each) ?? sinceMs;
}

/** What fails now, then what fails most, then what runs most. */
function byNeed({ statistics: one }: GroupRow, { statistics: other }: GroupRow): number {
  return (
    other.failuresInARow - one.failuresInARow ||
    (one.success ?? 1) - (other.success ?? 1) ||
    other.runs - one.runs
  );
}

function groupJson(row: GroupRow, { isFleet }: { isFleet: boolean }): object {
  const { target, automation, automations, statistics, forecast, knownSinceMs } = row;
  const { success, medianMs, p95Ms, lastError } = statistics;
  const { runsAWeek, agentMsAWeek, withoutRuns, withoutAgentMs } = forecast;
  const place = isFleet ? { deployment_name: target.name, customer_id: target.customerId } : {};
  return {
    deployment_id: target.deploymentId,
    ...place,
    ...(automation === undefined
      ? { automations }
      : { automation_id: automation.automation_id, name: automation.name ?? null }),
    runs: statistics.runs,
    completed: statistics.completed,
    failed: statistics.failed,
    under_way: statistics.underWay,
    success_percent: success === undefined ? null : hundredths(success * 100),
    median_ms: medianMs === undefined ? null : Math.round(medianMs),
    p95_ms: p95Ms ?? null,
    failures_in_a_row: statistics.failuresInARow,
    last_error: lastError?.error ?? null,
    last_error_at: lastError === undefined ? null : formatRfc3339(lastError.lastMs),
    errors: statistics.errors.map(({ error = null, failed, firstMs, lastMs }) => ({
      error,
      failed,
      first_at: formatRfc3339(firstMs),
      last_at: formatRfc3339(lastMs),
    })),
    last_runs: statistics.last.map(({ status = null, tookMs = null }) => ({ status, took_ms: tookMs })),
    runs_a_week: runsAWeek === undefined ? null : hundredths(runsAWeek),
    agent_minutes_a_week: agentMsAWeek === undefined ? null : hundredths(agentMsAWeek / 60_000),
    ...(automation === undefined
      ? { automations_without_runs_a_week: withoutRuns, automations_without_agent_minutes: withoutAgentMs }
      : {}),
    known_since: formatRfc3339(knownSinceMs),
  };
}
