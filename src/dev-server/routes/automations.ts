import type { Automation, AutomationDetail, Run } from "../../api/types.js";
import { addAutomation, type Engine } from "../engine.js";
import { answer, noContent, timestamp, timestampOrNull } from "../http/answers.js";
import { answerPage, readJson, refuseBody } from "../http/body.js";
import type { RoutedCall, Routes } from "../http/router.js";
import { automationChange, check, newAutomation, readQuery } from "../http/validate.js";
import { newId } from "../ids.js";
import { nextDue } from "../scheduler.js";
import type { StoredAutomation, StoredRun } from "../store/records.js";
import { findAutomation, findReadyDeployment, requireThread } from "./deployments.js";

const mostRecentRuns = 20;

export const automationRoutes: Routes = {
  "/v1/deployments/:d/automations": { GET: listAutomations, POST: createAutomation },
  "/v1/deployments/:d/automations/:a": {
    GET: getAutomation,
    PATCH: changeAutomation,
    DELETE: deleteAutomation,
  },
  "/v1/deployments/:d/automations/:a/trigger": { POST: triggerAutomation },
};

function listAutomations(engine: Engine, call: RoutedCall): Response {
  const { deployment_id } = findReadyDeployment(engine, call);
  return answerPage({
    query: readQuery(call.url, ["limit", "cursor"]),
    read: (request) => engine.store.automations.list(deployment_id, request),
    show: (automation) => toListItem(engine, automation),
  });
}

async function createAutomation(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  const { deployment_id } = findReadyDeployment(engine, call);
  const fields = check(newAutomation, await readJson(call.request));
  const { name, schedule, instructions, enabled = true } = fields;
  if (fields.thread_id !== undefined) requireThread(engine, deployment_id, fields.thread_id);
  const now = engine.clock.now();
  const automation = {
    automation_id: newId("auto"),
    deployment_id,
    name,
    schedule: schedule.text,
    cron: schedule.cron,
    instructions,
    thread_id: fields.thread_id ?? newId("thr"),
    enabled,
    next_run_at: enabled ? nextDue(schedule.cron, now) : null,
    created_at: now,
    updated_at: now,
  };
  const hasOwnThread = fields.thread_id === undefined;
  const seq = engine.store.transaction(() => addAutomation(engine.store, automation, { hasOwnThread }));
  engine.scheduler.rearm();
  engine.activityLog.automation("created", automation, `${schedule.text}${enabled ? "" : ", paused"}`);
  return answer(201, toAutomation({ ...automation, seq }));
}

function getAutomation(engine: Engine, call: RoutedCall): Response {
  readQuery(call.url, []);
  const automation = findAutomation(engine, call);
  const runs = engine.store.runs.recent(automation.automation_id, mostRecentRuns);
  const detail: AutomationDetail = {
    ...toAutomation(automation),
    ...toListItem(engine, automation),
    instructions: automation.instructions,
    thread_id: automation.thread_id,
    recent_runs: runs.map(toRun),
  };
  return answer(200, detail);
}

async function changeAutomation(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  findAutomation(engine, call);
  const change = check(automationChange, await readJson(call.request));
  // Reads it only now, because the body may have arrived slowly.
  const before = findAutomation(engine, call);
  if (change.thread_id !== undefined) requireThread(engine, before.deployment_id, change.thread_id);
  const now = engine.clock.now();
  const cron = change.schedule?.cron ?? before.cron;
  const enabled = change.enabled ?? before.enabled;
  const isRescheduled = cron !== before.cron || enabled !== before.enabled;
  const after: StoredAutomation = {
    ...before,
    ...change,
    schedule: change.schedule?.text ?? before.schedule,
    cron,
    enabled,
    next_run_at: isRescheduled ? (enabled ? nextDue(cron, now) : null) : before.next_run_at,
    // Two changes never share a time, so that a client that compares times notices the second.
    updated_at: Math.max(now, before.updated_at + 1),
  };
  engine.store.automations.update({ seq: before.seq }, after);
  engine.scheduler.rearm();
  reportChange(engine, before, after);
  return answer(200, toAutomation(after));
}

/** Reports a change to the activity log, with the changed fields except `enabled`. */
function reportChange({ activityLog }: Engine, before: StoredAutomation, after: StoredAutomation): void {
  const isSwitched = before.enabled !== after.enabled;
  const operation = isSwitched ? (after.enabled ? "resumed" : "paused") : "changed";
  const changes = [
    before.name === after.name ? [] : `name to ${after.name}`,
    before.schedule === after.schedule ? [] : `schedule to ${after.schedule}`,
    before.instructions === after.instructions ? [] : "instructions",
    before.thread_id === after.thread_id ? [] : "thread",
  ].flat();
  activityLog.automation(operation, before, changes.length === 0 ? undefined : changes.join(", "));
}

async function triggerAutomation(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  await refuseBody(call.request);
  const { automation_id, deployment_id, thread_id, instructions } = findAutomation(engine, call);
  const { run_id } = engine.runs.start({
    deployment_id,
    automation_id,
    thread_id,
    origin: "manual",
    instructions,
  });
  return answer(200, { run_id });
}

function deleteAutomation(engine: Engine, call: RoutedCall): Response {
  readQuery(call.url, []);
  const automation = findAutomation(engine, call);
  engine.store.automations.remove(automation.automation_id);
  engine.scheduler.rearm();
  engine.activityLog.automation("deleted", automation);
  return noContent();
}

function toAutomation(automation: StoredAutomation): Automation {
  return {
    automation_id: automation.automation_id,
    deployment_id: automation.deployment_id,
    name: automation.name,
    schedule: automation.schedule,
    enabled: automation.enabled,
    next_run_at: timestampOrNull(automation.next_run_at),
    created_at: timestamp(automation.created_at),
    updated_at: timestamp(automation.updated_at),
  };
}

function toListItem(engine: Engine, automation: StoredAutomation): Automation {
  const last = engine.store.runs.last(automation.automation_id);
  const { deployment_id: _deployment, created_at: _created, ...shown } = toAutomation(automation);
  return {
    ...shown,
    last_run_at: timestampOrNull(last?.started_at ?? null),
    last_run_status: last?.status ?? null,
  };
}

function toRun(run: StoredRun): Run {
  return {
    run_id: run.run_id,
    thread_id: run.thread_id,
    status: run.status,
    trigger: run.origin,
    started_at: timestamp(run.started_at),
    completed_at: timestampOrNull(run.completed_at),
    ...(run.error === null ? {} : { error: run.error }),
  };
}
