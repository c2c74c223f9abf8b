import { PagedList } from "../pages.js";
import type { CallOptions, Requester } from "../request.js";
import { deploymentSchema, messageAnswerSchema } from "../schema.js";
import type {
  DeploymentFields,
  DeploymentListQuery,
  DeploymentSummary,
  List,
  MessageFields,
} from "../types.js";
import { path } from "../urls.js";
import { createEvents } from "./events.js";

/** src/api/README.md, "Deployments"; of messages and events "Runs and threads" and "Events". */
export function createDeployments(requester: Requester) {
  const schema = deploymentSchema;
  return {
    /** Newest first. */
    list(query?: DeploymentListQuery, options?: CallOptions): List<DeploymentSummary> {
      return new PagedList<DeploymentSummary>(requester, { path: "/v1/deployments", query, schema, options });
    },

    async get(deployment_id: string, options?: CallOptions) {
      return requester.get({ path: path`/v1/deployments/${deployment_id}`, schema, options });
    },

    /** Sent at most once: AmbiguousError where it isn't known whether the deployment was created. */
    async create(fields: DeploymentFields, options?: CallOptions) {
      const sent = { kind: "create_deployment", fields } as const;
      return requester.post({ path: "/v1/deployments", body: fields, schema, sent, options });
    },

    messages: {
      /** Sent at most once: AmbiguousError where it isn't known whether the message arrived. */
      async send(deployment_id: string, fields: MessageFields, options?: CallOptions) {
        return requester.post({
          path: path`/v1/deployments/${deployment_id}/messages`,
          body: fields,
          schema: messageAnswerSchema,
          sent: { kind: "message", deployment_id, fields },
          options,
        });
      },
    },

    events: createEvents(requester),
  };
}
