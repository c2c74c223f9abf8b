import type { Deployment, DeploymentSummary } from "../../api/types.js";
import { readDirective } from "../agent/script.js";
import { addDeployment, type DeploymentRequest, type Engine } from "../engine.js";
import { answer, timestamp } from "../http/answers.js";
import { readJson } from "../http/body.js";
import { answerPage } from "../http/pages.js";
import type { RoutedCall, Routes } from "../http/router.js";
import { check, newDeployment, readQuery, readStatus } from "../http/validate.js";
import { type StoredDeployment, statusAt } from "../store/deployments.js";
import { findDeployment } from "./lookups.js";

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
 * Provisions half a second of the server's clock. Lines in the system prompt direct it, as they do a run:
 * `@dev wait <seconds>` makes it longer, `@dev fail` ends it in status `error`.
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
