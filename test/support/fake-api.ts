import type { FetchLike, FetchResponse } from "../../src/api/fetch.js";
import type { RunStatus } from "../../src/api/types.js";

export interface FakeApiOptions {
  /** The text for all fields that people and agents write. */
  text: string;
  /** The text for ids, times, statuses and all other strings. */
  everywhere?: boolean;
  /** The status of every run; default: completed. */
  runStatus?: RunStatus;
  /** True for two automations with the same name. */
  hasDuplicates?: boolean;
  /** The requests that are refused, with the same text in every field of the error; default: none. */
  refuses?: "everything" | "changes";
  /** The content of the stream, instead of events with the text. */
  events?: readonly (readonly [event: string, data: object])[];
}

const time = "2026-03-02T09:00:00Z";

/**
 * An API that remembers only the changes to its automation and the last created one, and answers every call in
 * src/api/README.md with the same text in every other field. A run whose events are on their way is `running`, so that
 * it doesn't end before its reader has them.
 */
export function fakeApi(options: FakeApiOptions): FetchLike {
  const answers = answersOf(options);
  const streaming = answersOf({ ...options, runStatus: "running" });
  let streams = 0;
  let isStreaming = false;
  let changed: object = {};
  let created: object = {};
  return async (address, { method, body }) => {
    const { refuses } = options;
    if (refuses === "everything" || (refuses === "changes" && method !== "GET")) return refusal(options);
    const { pathname } = new URL(address);
    if (pathname.startsWith("/_dev/")) return answer(404, "{}");
    const path = pathname.replace(/^\/v1\/deployments/, "");
    const [, , room, item, verb] = path.split("/");
    if (room === "events") {
      streams += 1;
      if (streams > 1) return answer(204, "");
      isStreaming = true;
      const onRead = () => {
        isStreaming = false;
      };
      return { ...answer(200, "", "text/event-stream"), body: bytesOf(answers.events, onRead) };
    }
    if (method === "DELETE") return answer(204, "");
    if (verb === "trigger") return json(answers.triggered);
    if (room === "messages") return json(answers.message);
    if (room === "threads") return json(item === undefined ? page(answers.thread) : answers.thread);
    if (room === "automations") {
      const sent = JSON.parse(body ?? "{}");
      const isOwn = method === "POST" && options.everywhere !== true;
      if (isOwn) created = { ...sent, automation_id: "auto_3" };
      else if (method === "PATCH" || method === "POST") changed = { ...changed, ...sent };
      const { automation: current } = isStreaming ? streaming : answers;
      const automation = { ...current, ...changed };
      const duplicate = { ...automation, automation_id: "auto_2" };
      if (item !== undefined && options.hasDuplicates === true)
        return json(item === "auto_2" ? duplicate : automation);
      if (item === "auto_3") return json({ ...current, ...created });
      if (isOwn) return json({ ...current, ...created, instructions: undefined });
      if (method === "POST") return json({ ...automation, instructions: undefined });
      if (item !== undefined) return json(automation);
      return json(options.hasDuplicates === true ? page(automation, duplicate) : page(automation));
    }
    return json(path === "" ? page(answers.deployment) : answers.deployment);
  };
}

function refusal({ text, everywhere = false }: FakeApiOptions): FetchResponse {
  const error = { error: everywhere ? text : "refused", message: text, request_id: text };
  return answer(400, JSON.stringify(error), "application/json", everywhere ? { "x-request-id": text } : {});
}

function answersOf({ text, everywhere = false, runStatus = "completed", events }: FakeApiOptions) {
  const said = (plain: string) => (everywhere ? text : plain);
  const run = {
    run_id: said("run_1"),
    thread_id: said("thr_1"),
    status: said(runStatus),
    trigger: said("manual"),
    started_at: said(time),
    completed_at: runStatus === "completed" || runStatus === "error" ? said(time) : null,
    error: runStatus === "error" ? text : null,
    note: text,
  };
  const automation = {
    automation_id: said("auto_1"),
    deployment_id: said("dep_1"),
    name: text,
    schedule: everywhere ? text : "0 9 * * 1",
    enabled: true,
    next_run_at: said("2026-03-09T09:00:00Z"),
    created_at: said(time),
    updated_at: said(time),
    last_run_at: said(time),
    last_run_status: said(runStatus),
    instructions: text,
    thread_id: said("thr_1"),
    recent_runs: [run],
    note: text,
  };
  const deployment = {
    deployment_id: said("dep_1"),
    customer_id: said("cus_1"),
    name: text,
    status: said("ready"),
    model: text,
    runtime: text,
    created_at: said(time),
    thread_id: said("thr_1"),
  };
  const message = { role: "agent", content: text, run_id: said("run_1"), created_at: said(time) };
  const thread = { thread_id: said("thr_1"), title: text, status: text, messages: [message] };
  return {
    automation,
    deployment,
    thread,
    triggered: { run_id: said("run_1"), note: text },
    message: { run_id: said("run_1"), thread_id: said("thr_1"), status: said("running") },
    events: streamOf(said("run_1"), events ?? eventsOf({ text, runStatus })),
  };
}

function eventsOf({ text, runStatus }: { text: string; runStatus: RunStatus }): [string, object][] {
  return [
    ["token", { delta: text }],
    ["tool_call", { tool: text, arguments: { query: text, [text]: text } }],
    ["tool_result", { tool: text, result: text }],
    ["token", { delta: text }],
    ["filesystem", { change: text, path: text }],
    // The name of an event can contain anything except a line end.
    [text.replaceAll(/[\r\n]/g, " "), { note: text }],
    ...(runStatus === "waiting_on_human"
      ? [["steering_request", { summary: text }] as [string, object]]
      : []),
    ["run_status", { status: runStatus, ...(runStatus === "error" ? { error: text } : {}) }],
  ];
}

function streamOf(run_id: string, events: NonNullable<FakeApiOptions["events"]>): string {
  return events
    .map(([event, fields], index) => {
      const shown = JSON.stringify({ run_id, thread_id: "thr_1", ...fields });
      return `event: ${event}\nid: evt_${index + 1}\ndata: ${shown}\n\n`;
    })
    .join("");
}

function page(...data: object[]) {
  return { data, next_cursor: null };
}

function json(body: object): FetchResponse {
  return answer(200, JSON.stringify(body));
}

/** A response without the global Response, which would refuse hostile headers. */
export function answer(
  status: number,
  body: string,
  type = "application/json",
  more: Record<string, string> = {},
): FetchResponse {
  const headers: Record<string, string> = { "content-type": type, ...more };
  return {
    status,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    body: body === "" ? null : bytesOf(body),
  };
}

/** `onRead` is called when the reader asks for more. */
async function* bytesOf(body: string, onRead = () => {}): AsyncGenerator<Uint8Array> {
  yield Buffer.from(body);
  onRead();
}
