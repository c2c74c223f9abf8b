import type { Automation, AutomationDetail, Run } from "../../api/types.js";
import { answer, noContent, timestamp, timestampOrNull } from "../answers.js";
import { readJson, refuseBody } from "../body.js";
import { addAutomation, type Engine } from "../engine.js";
import { newId } from "../ids.js";
import { answerPage } from "../pages.js";
import type { RoutedCall, Routes } from "../router.js";
import type { StoredAutomation } from "../store/automations.js";
import type { StoredRun } from "../store/runs.js";
import { readAutomationChange, readNewAutomation, readQuery } from "../validate.js";
import { findAutomation, findReadyDeployment, requireThread } from "./found.js";

const recentRuns = 20;

/** src/api/README.md, "Automations". */
export function automationRoutes(engine: Engine): Routes {
  return {
    "/v1/deployments/:d/automations": {
      GET: (call) => listAutomations(engine, call),
      POST: (call) => createAutomation(engine, call),
    },
    "/v1/deployments/:d/automations/:a": {
      GET: (call) => getAutomation(engine, call),
      PATCH: (call) => changeAutomation(engine, call),
      DELETE: (call) => deleteAutomation(engine, call),
    },
    "/v1/deployments/:d/automations/:a/trigger": { POST: (call) => triggerAutomation(engine, call) },
  };
}

function listAutomations(engine: Engine, call: RoutedCall): Response {
  const { deploymentId } = findReadyDeployment(engine, call);
  return answerPage({
    list: "automations",
    query: readQuery(call.url, ["limit", "cursor"]),
    read: (request) => engine.store.automations.list(deploymentId, request),
    show: (automation) => toListItem(engine, automation),
  });
}

async function createAutomation(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  const { deploymentId } = findReadyDeployment(engine, call);
  const fields = readNewAutomation(await readJson(call.request));
  const { name, schedule, instructions, enabled = true } = fields;
  if (fields.thread_id !== undefined) requireThread(engine, deploymentId, fields.thread_id);
  const now = engine.clock.now();
  const automation = {
    automationId: newId("auto"),
    deploymentId,
    name,
    schedule: schedule.text,
    cron: schedule.cron,
    instructions,
    threadId: fields.thread_id ?? newId("thr"),
    enabled,
    nextRunAt: enabled ? engine.nextDue(schedule.cron, now) : null,
    createdAt: now,
    updatedAt: now,
  };
  const hasOwnThread = fields.thread_id === undefined;
  const seq = engine.store.transaction(() => addAutomation(engine.store, automation, { hasOwnThread }));
  engine.scheduler.rearm();
  engine.happenings.automation("created", automation, `${schedule.text}${enabled ? "" : ", paused"}`);
  return answer(201, toAutomation({ ...automation, seq }));
}

function getAutomation(engine: Engine, call: RoutedCall): Response {
  readQuery(call.url, []);
  const automation = findAutomation(engine, call);
  const runs = engine.store.runs.recent(automation.automationId, recentRuns);
  const detail: AutomationDetail = {
    ...toAutomation(automation),
    ...toListItem(engine, automation),
    instructions: automation.instructions,
    thread_id: automation.threadId,
    recent_runs: runs.map(toRun),
  };
  return answer(200, detail);
}

async function changeAutomation(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  findAutomation(engine, call);
  const change = readAutomationChange(await readJson(call.request));
  // Only now is it read: the body may have taken its time.
  const before = findAutomation(engine, call);
  if (change.thread_id !== undefined) requireThread(engine, before.deploymentId, change.thread_id);
  const now = engine.clock.now();
  const cron = change.schedule?.cron ?? before.cron;
  const enabled = change.enabled ?? before.enabled;
  const isRescheduled = cron !== before.cron || enabled !== before.enabled;
  const after: StoredAutomation = {
    ...before,
    name: change.name ?? before.name,
    schedule: change.schedule?.text ?? before.schedule,
    cron,
    instructions: change.instructions ?? before.instructions,
    threadId: change.thread_id ?? before.threadId,
    enabled,
    nextRunAt: isRescheduled ? (enabled ? engine.nextDue(cron, now) : null) : before.nextRunAt,
    // Two changes never share a time: a client that compares them sees the second.
    updatedAt: Math.max(now, before.updatedAt + 1),
  };
  engine.store.automations.update(after);
  engine.scheduler.rearm();
  tellChange(engine, before, after);
  return answer(200, toAutomation(after));
}

/** The detail is what changed beside `enabled`; a new name as it is now. */
function tellChange({ happenings }: Engine, before: StoredAutomation, after: StoredAutomation): void {
  const isSwitched = before.enabled !== after.enabled;
  const deed = isSwitched ? (after.enabled ? "resumed" : "paused") : "changed";
  const changes = [
    before.name === after.name ? [] : `name to ${after.name}`,
    before.schedule === after.schedule ? [] : `schedule to ${after.schedule}`,
    before.instructions === after.instructions ? [] : "instructions",
    before.threadId === after.threadId ? [] : "thread",
  ].flat();
  happenings.automation(deed, before, changes.length === 0 ? undefined : changes.join(", "));
}

async function triggerAutomation(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  await refuseBody(call.request);
  const { automationId, deploymentId, threadId, instructions } = findAutomation(engine, call);
  const { runId } = engine.runs.start({
    deploymentId,
    automationId,
    threadId,
    origin: "manual",
    instructions,
  });
  return answer(200, { run_id: runId });
}

function deleteAutomation(engine: Engine, call: RoutedCall): Response {
  readQuery(call.url, []);
  const automation = findAutomation(engine, call);
  engine.store.automations.remove(automation.automationId);
  engine.scheduler.rearm();
  engine.happenings.automation("deleted", automation);
  return noContent();
}

/** What create and update answer. */
function toAutomation(automation: StoredAutomation): Automation {
  return {
    automation_id: automation.automationId,
    deployment_id: automation.deploymentId,
    name: automation.name,
    schedule: automation.schedule,
    enabled: automation.enabled,
    next_run_at: timestampOrNull(automation.nextRunAt),
    created_at: timestamp(automation.createdAt),
    updated_at: timestamp(automation.updatedAt),
  };
}

function toListItem(engine: Engine, automation: StoredAutomation): Automation {
  const last = engine.store.runs.last(automation.automationId);
  return {
    automation_id: automation.automationId,
    name: automation.name,
    schedule: automation.schedule,
    enabled: automation.enabled,
    last_run_at: timestampOrNull(last?.startedAt ?? null),
    last_run_status: last?.status ?? null,
    next_run_at: timestampOrNull(automation.nextRunAt),
    updated_at: timestamp(automation.updatedAt),
  };
}

function toRun(run: StoredRun): Run {
  return {
    run_id: run.runId,
    thread_id: run.threadId,
    status: run.status,
    trigger: run.origin,
    started_at: timestamp(run.startedAt),
    completed_at: timestampOrNull(run.completedAt),
    ...(run.error === null ? {} : { error: run.error }),
  };
}
