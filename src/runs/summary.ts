import type { RunStatus } from "../api/types.js";
import { type EventData, entriesSince, type RunState, type ToolCall } from "./reduce.js";

/** The outcome of a followed run: the fields of its JSON beside the ids (src/output/README.md, "JSON"). */
interface RunSummary {
  status: RunStatus;
  text: string;
  tool_calls: EventData[];
  steering_requests: EventData[];
  error?: string;
}

/** Calls and questions are the events' own objects without `run_id`; a call holds its `result` once there is one. */
export function summarize(state: RunState): RunSummary {
  const calls = new Map<ToolCall | symbol, EventData>();
  const questions: EventData[] = [];
  for (const entry of entriesSince(state, undefined)) {
    if (entry.kind === "call") calls.set(entry.call, withoutRun(entry.call.data));
    if (entry.kind === "question") questions.push(withoutRun(entry.data));
    if (entry.kind === "result") {
      const called = entry.call === undefined ? { tool: entry.tool } : calls.get(entry.call);
      calls.set(entry.call ?? Symbol("a result alone"), { ...called, result: entry.result });
    }
  }
  return {
    status: state.status,
    text: agentText(state),
    tool_calls: [...calls.values()],
    steering_requests: questions,
    error: state.error,
  };
}

export function agentText(state: RunState): string {
  const texts = entriesSince(state, undefined).map((entry) => (entry.kind === "text" ? entry.text : ""));
  return texts.join("") + state.tail;
}

function withoutRun({ run_id: _, ...data }: EventData): EventData {
  return data;
}
