import type { Herm } from "../../api/client.js";
import type { EventQuery } from "../../api/types.js";
import type { EventBatches, FollowSource } from "../../run-view/source.js";

export interface SourceOptions {
  client: Herm;
  deploymentId: string;
  automationId: string;
  query: EventQuery;
  /** The run is over: nothing will come on a stream. */
  isOver: boolean;
}

const openTimeoutMs = 10_000;

/** What following an automation's run reads from: the stream, its recent runs, its thread. */
export function followSource(options: SourceOptions): FollowSource {
  const { client, deploymentId, automationId, query, isOver } = options;
  return {
    open: async ({ signal, onReconnect }) =>
      isOver
        ? emptyStream
        : client.deployments.events.open(deploymentId, query, { signal, onReconnect, openTimeoutMs }),
    readRun: async (runId, signal) => {
      const { recent_runs } = await client.automations.get(deploymentId, automationId, { signal });
      return recent_runs.find((run) => run.run_id === runId);
    },
    readThread: (threadId, signal) => client.threads.get(deploymentId, threadId, { signal }),
  };
}

const emptyStream: EventBatches = {
  lastEventId: "",
  close: () => undefined,
  async *[Symbol.asyncIterator]() {
    // Nothing comes any more.
  },
};
