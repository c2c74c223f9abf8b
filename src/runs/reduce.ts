import { isObject, tryJson } from "../api/json.js";
import { isFinal } from "../api/schema.js";
import type { RawEvent, RunStatus } from "../api/types.js";

/** An event with its data parsed if it is a JSON object, or else as text (src/output/README.md, "JSON"). */
export interface RunEvent {
  event: string;
  id: string;
  data: EventData | string;
}

export type EventData = Record<string, unknown>;

/** Never throws. */
export function readEvent(raw: RawEvent): RunEvent {
  const value = raw.data.trimStart().startsWith("{") ? tryJson(raw.data) : undefined;
  return { event: raw.event, id: raw.id, data: isObject(value) ? value : raw.data };
}

export function fieldText(data: EventData | string, field: string): string | undefined {
  if (typeof data === "string") return undefined;
  const value = data[field];
  return typeof value === "string" ? value : undefined;
}

export function runOf(event: RunEvent): string | undefined {
  return fieldText(event.data, "run_id");
}

export interface ToolCall {
  tool: string;
  data: EventData;
}

export type RunEntry =
  /** Lines of the agent's text; there is no final line feed if another entry interrupted the text. */
  | { kind: "text"; text: string }
  | { kind: "call"; call: ToolCall }
  /** A result; `call` is undefined if the call wasn't in the stream. */
  | { kind: "result"; tool: string; result: unknown; call: ToolCall | undefined }
  | { kind: "unfinished"; call: ToolCall }
  | { kind: "question"; summary: string; data: EventData };

/** Entries, newest first. A list that grows at its head needn't be copied, however long the run is. */
export interface RunLog {
  readonly entry: RunEntry;
  readonly before: RunLog | undefined;
}

/** A run as its events describe it. Immutable: `reduce` returns a new one. */
export interface RunState {
  readonly run_id: string;
  readonly thread_id: string | undefined;
  readonly status: RunStatus;
  readonly error: string | undefined;
  readonly log: RunLog | undefined;
  /** The agent's text since its last line feed. */
  readonly tail: string;
  readonly open: readonly ToolCall[];
  /** The question that the agent is waiting with; undefined as well if it never arrived. */
  readonly question: string | undefined;
  readonly waits: number;
  readonly toolCalls: number;
}

/** Maximum calls that wait for a result; older ones are dropped. */
const openLimit = 50;

export function startRun(run_id: string, thread_id?: string): RunState {
  return {
    run_id,
    thread_id,
    status: "running",
    error: undefined,
    log: undefined,
    tail: "",
    open: [],
    question: undefined,
    waits: 0,
    toolCalls: 0,
  };
}

/** Returns the state after an event. Ignores other runs, unknown events, invalid data, and events after the end. */
export function reduce(state: RunState, event: RunEvent): RunState {
  if (isFinal(state.status)) return state;
  if (typeof event.data === "string" || runOf(event) !== state.run_id) return state;
  const thread_id = fieldText(event.data, "thread_id") ?? state.thread_id;
  const known = thread_id === state.thread_id ? state : { ...state, thread_id };
  switch (event.event) {
    case "token":
      return addText(known, fieldText(event.data, "delta"));
    case "tool_call":
      return addCall(known, event.data);
    case "tool_result":
      return addResult(known, event.data);
    case "steering_request":
      return addQuestion(known, event.data);
    case "run_status":
      return changeStatus(known, event.data);
    default:
      return known;
  }
}

export function entriesSince(state: RunState, after: RunLog | undefined): RunEntry[] {
  const entries: RunEntry[] = [];
  for (let log = state.log; log !== undefined && log !== after; log = log.before) entries.push(log.entry);
  return entries.reverse();
}

/** Ends the line and drops the calls still open, because no more events will arrive. */
export function finishRun(state: RunState): RunState {
  let finished: RunState = { ...endLine(state), open: [] };
  for (const call of state.open) finished = append(finished, { kind: "unfinished", call });
  return finished;
}

function addText(state: RunState, delta: string | undefined): RunState {
  if (delta === undefined || delta === "") return state;
  const moved = moveOn(state);
  const cut = delta.lastIndexOf("\n") + 1;
  if (cut === 0) return { ...moved, tail: moved.tail + delta };
  const text = moved.tail + delta.slice(0, cut);
  return append({ ...moved, tail: delta.slice(cut) }, { kind: "text", text });
}

function addCall(state: RunState, data: EventData): RunState {
  const moved = endLine(moveOn(state));
  const call = { tool: fieldText(data, "tool") ?? "?", data };
  const [oldest, ...rest] = moved.open;
  const isFull = oldest !== undefined && moved.open.length >= openLimit;
  const room = isFull ? append({ ...moved, open: rest }, { kind: "unfinished", call: oldest }) : moved;
  return append(
    { ...room, open: [...room.open, call], toolCalls: room.toolCalls + 1 },
    { kind: "call", call },
  );
}

function addResult(state: RunState, data: EventData): RunState {
  const moved = endLine(moveOn(state));
  const tool = fieldText(data, "tool") ?? "?";
  const call = moved.open.find((each) => each.tool === tool);
  const open = call === undefined ? moved.open : moved.open.filter((each) => each !== call);
  return append({ ...moved, open }, { kind: "result", tool, result: data.result, call });
}

function addQuestion(state: RunState, data: EventData): RunState {
  const summary = fieldText(data, "summary") ?? "";
  const ended = endLine(state);
  const isAnother = ended.question !== undefined || ended.status !== "waiting_on_human";
  const waits = isAnother ? ended.waits + 1 : ended.waits;
  const waiting: RunState = { ...ended, status: "waiting_on_human", question: summary, waits };
  return append(waiting, { kind: "question", summary, data });
}

function changeStatus(state: RunState, data: EventData): RunState {
  switch (data.status) {
    case "running":
      return moveOn(state);
    case "waiting_on_human":
      if (state.status === data.status) return state;
      return { ...endLine(state), status: data.status, waits: state.waits + 1 };
    case "completed":
      return { ...finishRun(state), status: data.status, question: undefined };
    case "error":
      return { ...finishRun(state), status: data.status, question: undefined, error: reasonOf(data) };
    default:
      return state;
  }
}

/** The server's reason, whichever field contains it (src/api/README.md, "Events"). */
function reasonOf(data: EventData): string | undefined {
  const nested = isObject(data.error) ? fieldText(data.error, "message") : undefined;
  return fieldText(data, "error") ?? nested ?? fieldText(data, "message");
}

function moveOn(state: RunState): RunState {
  if (state.status === "running" && state.question === undefined) return state;
  return { ...state, status: "running", question: undefined };
}

function endLine(state: RunState): RunState {
  return state.tail === "" ? state : append({ ...state, tail: "" }, { kind: "text", text: state.tail });
}

function append(state: RunState, entry: RunEntry): RunState {
  return { ...state, log: { entry, before: state.log } };
}
