import { HermError } from "../../../api/errors.js";
import { beforeEveryEvent } from "../../../api/local-server.js";
import { isFinal } from "../../../api/run-status.js";
import type { Context } from "../../../context.js";
import { readEvent } from "../../../run-view/event.js";
import { type RunState, reduce, startRun } from "../../../run-view/reduce.js";
import type { FoundRun } from "../../../runs/find.js";
import { cachedRun } from "../../../runs/run-cache.js";

/** Milliseconds: a replay comes at once; what is under way may go on for ever. */
const openTimeoutMs = 5_000;
const quietMs = 400;
const mostMs = 3_000;

const mostTries = 4;

/**
 * Replays a run for its tool calls, which its thread doesn't have; undefined where the API can't
 * (src/run-view/README.md, "Showing a run").
 */
export async function readReplay(context: Context, found: FoundRun): Promise<RunState | undefined> {
  const { settings, signal } = context;
  const { isLocalServer } = await context.client();
  const after = isLocalServer ? beforeEveryEvent : cachedRun(settings, found.run.run_id)?.after_event;
  if (after === undefined) return undefined;
  for (let tries = 0; tries < mostTries; tries += 1) {
    try {
      const replayed = await replay(context, found, after);
      if (replayed !== undefined) return replayed;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HermError)) throw error;
    }
  }
  return undefined;
}

/** The state, or undefined where it broke off or nothing came: part of a run that is over would pass for all of it. */
async function replay(
  context: Context,
  { deployment_id, run }: FoundRun,
  after: string,
): Promise<RunState | undefined> {
  const client = await context.client();
  const { signal } = context;
  const options = { signal, lastEventId: after, openTimeoutMs, replayQuietMs: quietMs };
  const startedMs = context.monotonic();
  const stream = await client.deployments.events.open(deployment_id, { run_id: run.run_id }, options);
  const none = startRun(run.run_id);
  let state = none;
  try {
    for await (const batch of stream) {
      for (const event of batch) state = reduce(state, readEvent(event));
      if (isFinal(state.status) || context.monotonic() - startedMs > mostMs) break;
    }
  } finally {
    stream.close();
  }
  const isWhole = isFinal(state.status) || !isFinal(run.status);
  return isWhole && state !== none ? state : undefined;
}
