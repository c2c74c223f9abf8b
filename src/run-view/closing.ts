import { counted } from "../output/count.js";
import { formatDuration } from "../output/duration.js";
import { safe } from "../output/safe.js";
import { colourOfStatus, statusMark } from "../output/status.js";
import type { Style } from "../output/style.js";
import type { RunState } from "./reduce.js";

export interface ClosingOptions {
  /** How long the run took, or has taken so far; undefined if its beginning isn't known. */
  durationMs: number | undefined;
  /** The command that shows it again. */
  again: string;
  style: Style;
}

/** The last line of a followed run: outcome, duration, tool calls, how to see it again. */
export function closingLine(state: RunState, { durationMs, again, style }: ClosingOptions): string {
  const word = colourOfStatus(`${statusMark(state.status)} ${outcome(state)}`, state.status, style);
  const took = durationMs === undefined ? "" : ` ${joint(state)} ${formatDuration(Math.max(0, durationMs))}`;
  const calls = state.toolCalls === 0 ? [] : [counted(state.toolCalls, "tool call")];
  return [`${word}${took}`, ...calls, style.dim(safe(again, "cell"))].join(" · ");
}

function outcome(state: RunState): string {
  switch (state.status) {
    case "completed":
      return "completed";
    case "error":
      return state.error === undefined ? "failed" : `failed: ${safe(state.error, "cell")}`;
    case "waiting_on_human":
      return "waits for a human";
    case "running":
      return "still running";
  }
}

function joint(state: RunState): string {
  return state.status === "completed" ? "in" : "after";
}
