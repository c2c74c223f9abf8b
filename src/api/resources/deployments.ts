import { PagedList } from "../pages.js";
import type { Requester, RequestOptions } from "../request.js";
import { deploymentSchema } from "../schema.js";
import type { Deployment, DeploymentFields, DeploymentListQuery, DeploymentSummary, List } from "../types.js";
import { path } from "../urls.js";
import { Events } from "./events.js";
import { Messages } from "./messages.js";

/** src/api/README.md, "Deployments". */
export class Deployments {
  readonly messages: Messages;
  readonly events: Events;
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
    this.messages = new Messages(requester);
    this.events = new Events(requester);
  }

  /** Newest first. */
  list(query?: DeploymentListQuery, options?: RequestOptions): List<DeploymentSummary> {
    return new PagedList<DeploymentSummary>(this.#requester, {
      path: "/v1/deployments",
      query,
      schema: deploymentSchema,
      options,
    });
  }

  async get(deployment_id: string, options?: RequestOptions): Promise<Deployment> {
    return this.#requester.get({
      path: path`/v1/deployments/${deployment_id}`,
      schema: deploymentSchema,
      options,
    });
  }

  /** Sent at most once: AmbiguousError where it isn't known whether the deployment was created. */
  async create(fields: DeploymentFields, options?: RequestOptions): Promise<Deployment> {
    return this.#requester.post({
      path: "/v1/deployments",
      body: fields,
      schema: deploymentSchema,
      sent: { kind: "create_deployment", fields },
      options,
    });
  }
}
