import { formatRfc3339 } from "../../output/time.js";
import { messageOf } from "../../report.js";
import { sinceJson } from "../fleet/since-text.js";
import { dueSoon } from "../fleet/upcoming-runs.js";
import { countOf } from "./facts.js";
import type { FleetStatus, StatusRow } from "./fleet-status.js";

export function statusJson(status: FleetStatus): Record<string, unknown> {
  const { facts, at, deployments, total, unreadable, notReady, unproven } = status;
  return {
    checked_at: formatRfc3339(at),
    deployments: {
      selected: deployments.length,
      total,
      unreadable: unreadable.map(({ deployment: { deployment_id, name = null }, error }) => ({
        deployment_id,
        name,
        error: messageOf(error),
      })),
      not_ready: notReady.map(({ deployment_id }) => deployment_id),
    },
    automations: {
      total: facts.automations,
      enabled: facts.enabled,
      paused: facts.paused,
      running: facts.running,
      waiting: countOf(facts, "waiting"),
      unexpected: countOf(facts, "unexpected"),
      failing: countOf(facts, "failing"),
      late: countOf(facts, "late"),
    },
    // The newest runs tell no more than that.
    at_least: [
      ...["running", "waiting"],
      ...(facts.mayHaveRun > 0 ? ["unexpected"] : []),
      ...(unproven > 0 ? ["late"] : []),
    ],
    paused_by: facts.pausedBy,
    within_the_hour: dueSoon(facts.dueNext, at).map((item) => ({
      at: formatRfc3339(item.at),
      deployment_id: item.deployment_id,
      automation_id: item.automation_id,
      name: item.name ?? null,
    })),
    needs_attention: status.rows.map(rowJson),
  };
}

function rowJson({ problem, first, sinceMs, detail, since: ran }: StatusRow): Record<string, unknown> {
  const { automation, deployment_id, deployment_name = null, customer_id = null } = first;
  const isRead = detail !== undefined && detail.error === undefined;
  const since = sinceMs === undefined ? null : formatRfc3339(sinceMs);
  return {
    trouble: problem,
    deployment_id,
    automation_id: first.automation_id,
    name: first.name ?? null,
    last_run_at: automation.last_run_at ?? null,
    last_run_status: automation.last_run_status ?? null,
    ...(isRead && problem !== "late" ? { run_id: detail.run?.run_id ?? null } : {}),
    ...(isRead && problem === "waiting" ? { question: detail.question ?? null } : {}),
    ...(isRead && problem === "failing" ? { error: detail.run?.error ?? null } : {}),
    ...(ran === undefined ? {} : { run_id: ran.unexpected[0]?.run_id ?? null, ...sinceJson(ran) }),
    ...(problem === "late" ? { due_at: since } : {}),
    customer_id,
    deployment_name,
  };
}
