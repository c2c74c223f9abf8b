/** Writes the last line for a followed run, and the summary in it. */

import type { RunStatus } from "../api/types.js";
import { counted } from "../output/count.js";
import { formatDuration } from "../output/duration.js";
import { safe } from "../output/safe.js";
import { paintStatus, statusPrefix } from "../output/status-words.js";
import { factSeparator, type Style } from "../output/style.js";
import { cut, displayWidth } from "../output/width.js";
import { type EventData, entriesSince, type RunState, type ToolCall } from "./reduce.js";

interface ClosingOptions {
  /** Milliseconds; undefined if the start is unknown. */
  durationMs: number | undefined;
  showCommand: string;
  style: Style;
  columns: number | undefined;
}

const narrowest = 12;

/**
 * The last line for a followed run. On a narrow terminal, the command gets a line of its own that is never cut, and the
 * error is cut before the duration is.
 */
export function closingLine(
  state: RunState,
  { durationMs, showCommand, style, columns }: ClosingOptions,
): string {
  const gap = factSeparator(style);
  const joint = state.status === "completed" ? "in" : "after";
  const took = durationMs === undefined ? "" : ` ${joint} ${formatDuration(Math.max(0, durationMs))}`;
  const calls = state.toolCalls === 0 ? "" : `${gap}${counted(state.toolCalls, "tool call")}`;
  const command = safe(showCommand, "cell");
  const word = statusPrefix(state.status, style) + outcome(state);
  const coloured = (text: string) => paintStatus(text, state.status, style);
  const room = columns === undefined ? Number.POSITIVE_INFINITY : columns - 1;
  const line = `${coloured(word)}${took}${calls}${gap}${command}`;
  if (displayWidth(`${word}${took}${calls}${gap}${command}`) <= room) return line;
  const beside = displayWidth(took + calls) + narrowest <= room ? took + calls : took;
  const shown = cut(word, Math.max(narrowest, room - displayWidth(beside)));
  return `${coloured(shown)}${beside}\n${command}`;
}

function outcome(state: RunState): string {
  switch (state.status) {
    case "completed":
      return "completed";
    case "error":
      return state.error === undefined ? "failed" : `failed: ${safe(state.error, "cell")}`;
    case "waiting_on_human":
      return "is waiting for an answer";
    case "running":
      return "still running";
  }
}

/** The outcome of a followed run: its JSON fields without the ids (src/output/README.md, "JSON"). */
interface RunSummary {
  status: RunStatus;
  text: string;
  tool_calls: EventData[];
  steering_requests: EventData[];
  error?: string;
}

/** Calls and questions are the events' own objects without `run_id`; a call contains its `result` once it has one. */
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
