import type { RawEvent } from "../../src/api/types.js";

let count = 0;

function event(name: string, data: object): RawEvent {
  count += 1;
  return { event: name, id: `evt_${count}`, data: JSON.stringify({ run_id: "run_1", ...data }) };
}

export const token = (delta: unknown, more = {}): RawEvent =>
  event("token", { thread_id: "thr_1", delta, ...more });
export const tool = (name: string, args: unknown): RawEvent =>
  event("tool_call", { tool: name, arguments: args });
export const result = (name: string, value: unknown): RawEvent =>
  event("tool_result", { tool: name, result: value });
export const question = (summary: string): RawEvent => event("steering_request", { summary });
export const status = (value: unknown, more = {}): RawEvent =>
  event("run_status", { status: value, ...more });
