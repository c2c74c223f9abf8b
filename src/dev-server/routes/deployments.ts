import type { Deployment, DeploymentSummary, Message, Thread, ThreadSummary } from "../../api/types.js";
import { readDirective } from "../agent.js";
import { addDeployment, type DeploymentRequest, type Engine } from "../engine.js";
import { answer, notFound, RefusedRequest, timestamp } from "../http/answers.js";
import { answerPage, readJson } from "../http/body.js";
import type { RoutedCall, Routes } from "../http/router.js";
import type { Streams } from "../http/sse.js";
import { check, newDeployment, newMessage, readQuery, readStatus } from "../http/validate.js";
import { newId } from "../ids.js";
import {
  type StoredAutomation,
  type StoredDeployment,
  type StoredMessage,
  type StoredThread,
  statusAt,
} from "../store/records.js";

function findDeployment(engine: Engine, call: RoutedCall): StoredDeployment {
  const deployment = engine.store.deployments.find({ deployment_id: call.param("d") });
  if (!deployment) throw notFound("deployment");
  return deployment;
}

/** Finds a deployment with `findDeployment`; throws a 409 while it is being provisioned, or if provisioning failed. */
export function findReadyDeployment(engine: Engine, call: RoutedCall): StoredDeployment {
  const deployment = findDeployment(engine, call);
  const status = statusAt(deployment, engine.clock.now());
  if (status === "ready") return deployment;
  const state = status === "error" ? "failed to provision" : "is still provisioning";
  throw new RefusedRequest(409, `the deployment ${state}`);
}

export function findAutomation(engine: Engine, call: RoutedCall): StoredAutomation {
  const { deployment_id } = findReadyDeployment(engine, call);
  const automation = engine.store.automations.find({ deployment_id, automation_id: call.param("a") });
  if (!automation) throw notFound("automation");
  return automation;
}

export function requireThread(engine: Engine, deployment_id: string, thread_id: string): void {
  if (!engine.store.threads.find({ deployment_id, thread_id })) throw notFound("thread");
}

const provisioningMs = 500;

export const deploymentRoutes: Routes = {
  "/v1/deployments": { GET: listDeployments, POST: createDeployment },
  "/v1/deployments/:d": { GET: getDeployment },
};

function listDeployments(engine: Engine, call: RoutedCall): Response {
  const query = readQuery(call.url, ["customer_id", "status", "limit", "cursor"]);
  const filter = { customer_id: query.customer_id, status: readStatus(query.status) };
  const now = engine.clock.now();
  return answerPage({
    query,
    read: (request) => engine.store.deployments.select(request, filter, now),
    show: (deployment) => toSummary(deployment, now),
  });
}

/**
 * Provisioning takes half a second of the server's clock. Lines in the system prompt direct it, as in a run: `@dev
 * wait <seconds>` makes it longer, `@dev fail` ends it in status `error`.
 */
async function createDeployment(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  const fields = check(newDeployment, await readJson(call.request));
  const directives = fields.system_prompt.split(/\r?\n/).map(readDirective);
  const waits = directives.map((step) => (step?.type === "wait" ? step.seconds * 1000 : 0));
  const request: DeploymentRequest = {
    customer_id: fields.customer_id,
    name: fields.name,
    system_prompt: fields.system_prompt,
    model: fields.model ?? "scripted",
    settlesInMs: waits.reduce((total, ms) => total + ms, 0) || provisioningMs,
    outcome: directives.some((step) => step?.type === "fail") ? "error" : "ready",
  };
  const deployment = engine.store.transaction(() => addDeployment(engine, request));
  engine.activityLog.report("created", () => ({ subject: `deployment ${deployment.name}` }));
  return answer(201, toDeployment(engine, call, deployment));
}

function getDeployment(engine: Engine, call: RoutedCall): Response {
  readQuery(call.url, []);
  return answer(200, toDeployment(engine, call, findDeployment(engine, call)));
}

function toDeployment(engine: Engine, call: RoutedCall, deployment: StoredDeployment): Deployment {
  return {
    ...toSummary(deployment, engine.clock.now()),
    thread_id: deployment.thread_id,
    filesystem: { workspace_path: "/workspace", persistent: true },
    events: { transport: "sse", url: `${call.url.origin}/v1/deployments/${deployment.deployment_id}/events` },
  };
}

function toSummary(deployment: StoredDeployment, now: number): DeploymentSummary {
  return {
    deployment_id: deployment.deployment_id,
    customer_id: deployment.customer_id,
    name: deployment.name,
    runtime: "hermes",
    status: statusAt(deployment, now),
    model: deployment.model,
    created_at: timestamp(deployment.created_at),
  };
}

/** Maximum length of the title that a new thread takes from its first message. */
const longestTitle = 60;

export const threadRoutes: Routes = {
  "/v1/deployments/:d/messages": { POST: sendMessage },
  "/v1/deployments/:d/threads": { GET: listThreads },
  "/v1/deployments/:d/threads/:t": { GET: getThread },
};

async function sendMessage(engine: Engine, call: RoutedCall): Promise<Response> {
  readQuery(call.url, []);
  const deployment = findReadyDeployment(engine, call);
  const message = check(newMessage, await readJson(call.request));
  const { content } = message;
  const thread_id = chooseThread(engine, deployment, message);
  const run = engine.runs.receive({ deployment_id: deployment.deployment_id, thread_id, content });
  return answer(200, { run_id: run.run_id, thread_id, status: run.status });
}

function chooseThread(
  engine: Engine,
  deployment: StoredDeployment,
  message: { content: string; thread_id?: string | undefined },
): string {
  const { deployment_id } = deployment;
  if (message.thread_id === undefined) return deployment.thread_id;
  if (message.thread_id !== "new") {
    requireThread(engine, deployment_id, message.thread_id);
    return message.thread_id;
  }
  const thread_id = newId("thr");
  const title = [...message.content].slice(0, longestTitle).join("");
  engine.store.threads.insert({ thread_id, deployment_id, title, last_activity_at: engine.clock.now() });
  return thread_id;
}

function listThreads(engine: Engine, call: RoutedCall): Response {
  const { deployment_id } = findDeployment(engine, call);
  return answerPage({
    query: readQuery(call.url, ["limit", "cursor"]),
    read: (request) => engine.store.threads.list(deployment_id, request),
    show: toThreadSummary,
  });
}

function getThread(engine: Engine, call: RoutedCall): Response {
  readQuery(call.url, []);
  const { deployment_id } = findDeployment(engine, call);
  const thread = engine.store.threads.find({ deployment_id, thread_id: call.param("t") });
  if (!thread) throw notFound("thread");
  const messages = engine.store.threads.messages(thread.thread_id);
  const shown: Thread = {
    thread_id: thread.thread_id,
    title: thread.title,
    status: thread.status,
    messages: messages.map((message) => toMessage(engine, message)),
  };
  return answer(200, shown);
}

function toThreadSummary({ seq, deployment_id, ...shown }: StoredThread): ThreadSummary {
  return { ...shown, last_activity_at: timestamp(shown.last_activity_at) };
}

function toMessage(engine: Engine, message: StoredMessage): Message {
  return {
    role: message.role,
    content: message.content ?? engine.store.events.textAfter(message.run_id, message.after_event),
    run_id: message.run_id,
    created_at: timestamp(message.created_at),
  };
}

export function eventRoutes(streams: Streams): Routes {
  return { "/v1/deployments/:d/events": { GET: (engine, call) => openStream(engine, streams, call) } };
}

function openStream(engine: Engine, streams: Streams, call: RoutedCall): Response {
  const { deployment_id } = findReadyDeployment(engine, call);
  const { run_id, thread_id } = readQuery(call.url, ["run_id", "thread_id"]);
  if (thread_id !== undefined) requireThread(engine, deployment_id, thread_id);
  if (run_id !== undefined && engine.store.runs.find({ run_id })?.deployment_id !== deployment_id)
    throw notFound("run");
  const since = readLastEventId(engine, call.request.headers.get("last-event-id"));
  return new Response(
    streams.open({ deployment_id, run_id, thread_id }, { since, signal: call.request.signal }),
    {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    },
  );
}

/** A stream can't resume from an id that this store never issued; an error is better than lost events. */
function readLastEventId(engine: Engine, given: string | null): number | undefined {
  if (given === null || given === "") return undefined;
  const seq = /^evt_(\d{1,15})$/.exec(given)?.[1];
  if (seq !== undefined && Number(seq) <= engine.store.events.newest()) return Number(seq);
  throw new RefusedRequest(400, "Last-Event-ID is not the id of an event in this stream");
}
