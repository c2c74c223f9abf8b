import { PagedList } from "../pages.js";
import type { CallOptions, Requester } from "../request.js";
import { threadSchema, threadSummarySchema } from "../schema.js";
import type { List, PageQuery, ThreadSummary } from "../types.js";
import { path } from "../urls.js";

/** src/api/README.md, "Runs and threads". */
export function createThreads(requester: Requester) {
  return {
    list(deployment_id: string, query?: PageQuery, options?: CallOptions): List<ThreadSummary> {
      const schema = threadSummarySchema;
      return new PagedList(requester, {
        path: path`/v1/deployments/${deployment_id}/threads`,
        query,
        schema,
        options,
      });
    },

    async get(deployment_id: string, thread_id: string, options?: CallOptions) {
      const schema = threadSchema;
      return requester.get({
        path: path`/v1/deployments/${deployment_id}/threads/${thread_id}`,
        schema,
        options,
      });
    },
  };
}
