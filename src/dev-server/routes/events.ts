import type { Engine } from "../engine.js";
import { notFound, RefusedRequest } from "../http/answers.js";
import type { RoutedCall, Routes } from "../http/router.js";
import type { Streams } from "../http/sse.js";
import { readQuery } from "../http/validate.js";
import { findReadyDeployment, requireThread } from "./lookups.js";

export function eventRoutes(streams: Streams): Routes {
  return { "/v1/deployments/:d/events": { GET: (engine, call) => openStream(engine, streams, call) } };
}

function openStream(engine: Engine, streams: Streams, call: RoutedCall): Response {
  const { deployment_id } = findReadyDeployment(engine, call);
  const { run_id, thread_id } = readQuery(call.url, ["run_id", "thread_id"]);
  if (thread_id !== undefined) requireThread(engine, deployment_id, thread_id);
  if (run_id !== undefined && engine.store.runs.find({ run_id })?.deployment_id !== deployment_id)
    throw notFound("run");
  const since = readLastEventId(engine, call.request.headers.get("last-event-id"));
  return new Response(
    streams.open({ deployment_id, run_id, thread_id }, { since, signal: call.request.signal }),
    {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    },
  );
}

/** An id that this store never gave can't be resumed from: saying so beats losing what came between. */
function readLastEventId(engine: Engine, given: string | null): number | undefined {
  if (given === null || given === "") return undefined;
  const seq = /^evt_(\d{1,15})$/.exec(given)?.[1];
  if (seq !== undefined && Number(seq) <= engine.store.events.newest()) return Number(seq);
  throw new RefusedRequest(400, "Last-Event-ID is not the id of an event here");
}
