import { isFinal } from "../api/run-status.js";
import type { Message, Run } from "../api/types.js";
import type { RunEvent } from "./event.js";
import { entriesSince, type RunState } from "./reduce.js";
import { agentText } from "./summary.js";
import { agentTexts, missingText, questionIn } from "./thread-text.js";

interface ReadRun {
  run: Pick<Run, "run_id" | "status" | "thread_id" | "error">;
  messages: readonly Message[] | undefined;
}

/** Events for what the stream didn't bring. They carry no id, since the server never sent them. */
export function backfillEvents(state: RunState, { run, messages = [] }: ReadRun): RunEvent[] {
  const isWaiting = run.status === "waiting_on_human";
  const question = isWaiting ? questionIn(messages) : undefined;
  const said = question === undefined ? messages : messages.slice(0, -1);
  const missing = missingText(agentText(state), agentTexts(said, shownQuestions(state)));
  const events: RunEvent[] = [];
  if (missing) events.push(tokenEvent(run, missing));
  if (question !== undefined) events.push(syntheticEvent("steering_request", run, { summary: question }));
  if (run.status !== state.status) events.push(statusEvent(run));
  return events;
}

export function fullerText(state: RunState, messages: readonly Message[] | undefined): string | undefined {
  const texts = agentTexts(messages ?? [], shownQuestions(state));
  const missing = missingText(agentText(state), texts);
  return missing === undefined ? texts.map((text) => text.replace(/\n?$/, "\n")).join("") : undefined;
}

function shownQuestions(state: RunState): string[] {
  return entriesSince(state, undefined).flatMap((entry) =>
    entry.kind === "question" ? [entry.summary] : [],
  );
}

function tokenEvent(run: ReadRun["run"], delta: string): RunEvent {
  return syntheticEvent("token", run, { ...(run.thread_id ? { thread_id: run.thread_id } : {}), delta });
}

function statusEvent(run: ReadRun["run"]): RunEvent {
  const error = isFinal(run.status) && run.error ? { error: run.error } : {};
  return syntheticEvent("run_status", run, { status: run.status, ...error });
}

function syntheticEvent(event: string, run: ReadRun["run"], data: object): RunEvent {
  return { event, id: "", data: { run_id: run.run_id, ...data } };
}
