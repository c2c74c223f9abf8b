import type { Engine } from "../engine.js";
import { notFound, RefusedRequest } from "../http/answers.js";
import type { RoutedCall } from "../http/router.js";
import type { StoredAutomation } from "../store/automations.js";
import { type StoredDeployment, statusAt } from "../store/deployments.js";

/** The deployment that the path names; 404. */
export function findDeployment(engine: Engine, call: RoutedCall): StoredDeployment {
  const deployment = engine.store.deployments.find({ deployment_id: call.param("d") });
  if (!deployment) throw notFound("deployment");
  return deployment;
}

/** Finds a deployment as `findDeployment`; throws 409 where it is still being provisioned, or failed to be. */
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

/** Refuses a thread that isn't one of the deployment; 404. */
export function requireThread(engine: Engine, deployment_id: string, thread_id: string): void {
  if (!engine.store.threads.find({ deployment_id, thread_id })) throw notFound("thread");
}
