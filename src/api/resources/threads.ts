import { threadDoor, threadSummaryDoor } from "../door.js";
import { PagedList } from "../pages.js";
import type { Requester, RequestOptions } from "../request.js";
import type { List, PageQuery, Thread, ThreadSummary } from "../types.js";
import { path } from "../urls.js";

/** src/api/README.md, "Runs and threads". */
export class Threads {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  list(deploymentId: string, query?: PageQuery, options?: RequestOptions): List<ThreadSummary> {
    return new PagedList<ThreadSummary>(this.#requester, {
      path: path`/v1/deployments/${deploymentId}/threads`,
      query,
      door: threadSummaryDoor,
      options,
    });
  }

  async get(deploymentId: string, threadId: string, options?: RequestOptions): Promise<Thread> {
    return this.#requester.get({
      path: path`/v1/deployments/${deploymentId}/threads/${threadId}`,
      door: threadDoor,
      options,
    });
  }
}
