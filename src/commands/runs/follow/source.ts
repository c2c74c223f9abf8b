import type { HermClient } from "../../../api/client.js";
import { TimeoutError } from "../../../api/errors.js";
import type { RawEventStream } from "../../../api/events/stream.js";
import type { EventQuery } from "../../../api/types.js";
import { CliError, exitCodes } from "../../../errors.js";
import type { FollowSource } from "../../../run-view/follow-source.js";

const openTimeoutMs = 10_000;

export function followSource(options: {
  client: HermClient;
  deployment_id: string;
  automation_id: string;
  query: EventQuery;
  isOver: boolean;
}): FollowSource {
  const { client, deployment_id, automation_id, query, isOver } = options;
  return {
    open: async ({ signal, onReconnect }) =>
      isOver
        ? emptyStream
        : client.deployments.events
            .open(deployment_id, query, { signal, onReconnect, openTimeoutMs })
            .catch(tellUnopened),
    readRun: async (run_id, signal) => {
      const { recent_runs } = await client.automations.get(deployment_id, automation_id, { signal });
      return recent_runs.find((run) => run.run_id === run_id);
    },
    readThread: (thread_id, signal) => client.threads.get(deployment_id, thread_id, { signal }),
  };
}

/** The limit is the following's own: no flag gives it longer. */
async function tellUnopened(error: unknown): Promise<never> {
  if (!(error instanceof TimeoutError && error.isOfAll)) throw error;
  const { reachHint } = await import("../../../report.js");
  const message = `the event stream couldn't be opened: ${error.message}`;
  throw new CliError(message, exitCodes.unreachable, "timeout", { hint: reachHint, cause: error });
}

const emptyStream: RawEventStream = {
  lastEventId: "",
  close: () => undefined,
  async *[Symbol.asyncIterator]() {
    // Nothing comes any more.
  },
};
