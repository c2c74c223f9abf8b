import type { Message, Thread, ThreadSummary } from "../../api/types.js";
import type { Engine } from "../engine.js";
import { answer, notFound, timestamp } from "../http/answers.js";
import { readJson } from "../http/body.js";
import { answerPage } from "../http/pages.js";
import type { RoutedCall, Routes } from "../http/router.js";
import { check, newMessage, readQuery } from "../http/validate.js";
import { newId } from "../ids.js";
import type { StoredDeployment } from "../store/deployments.js";
import type { StoredMessage, StoredThread } from "../store/threads.js";
import { findDeployment, findReadyDeployment, requireThread } from "./lookups.js";

/** The part of a message that becomes the title of the thread that it opens. */
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
    show: toSummary,
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

function toSummary({ seq, deployment_id, ...shown }: StoredThread): ThreadSummary {
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
