import { isFinal } from "../api/run-status.js";
import type { Message, Run } from "../api/types.js";
import { backfillEvents } from "./backfill.js";
import { fieldText, type RunEvent } from "./event.js";
import type { RunStart } from "./follow-source.js";
import { type RunState, reduce, startRun } from "./reduce.js";
import { isAnswered, withoutOverlap } from "./thread-text.js";

/** A run that is followed. Never changed: each step gives a new one. */
export interface RunFollower {
  readonly state: RunState;
  readonly run: Run | undefined;
  /** A status that the automation shows and the stream doesn't yet. */
  readonly unconfirmed?: Run | undefined;
  readonly messages?: readonly Message[] | undefined;
  /** True when its thread was read and may have no question. */
  readonly isThreadRead?: boolean;
  /** Number of waits that were put to a person. */
  readonly asked: number;
  /** `passed`: the run has moved on, and the question is to close. */
  readonly question?: "open" | "passed" | undefined;
}

/** A new follower and what it leads to: first `show`, then `next`. */
export interface Step {
  follower: RunFollower;
  show?: readonly RunEvent[];
  /** `confirm`: the automation's status counts once the stream has been silent. */
  next?: "ask" | "confirm" | "final";
}

/** Combines what a run under way had said with the events since. */
export function startFollower({ run_id, thread_id, joined }: RunStart, events: readonly RunEvent[]): Step {
  const state = startRun(run_id, thread_id);
  if (joined === undefined) return addEvents({ state, run: undefined, asked: 0 }, events);
  const { run, messages } = joined;
  const earlier = backfillEvents(state, joined);
  const text = earlier.map((event) => fieldText(event.data, "delta") ?? "").join("");
  const follower = { state, run, asked: 0, messages: isFinal(run.status) ? messages : undefined };
  return addEvents(follower, [...earlier, ...withoutOverlap(text, events)]);
}

export function addEvents(before: RunFollower, events: readonly RunEvent[]): Step {
  let { state } = before;
  const show: RunEvent[] = [];
  for (const event of events) {
    if (isFinal(state.status)) break;
    state = reduce(state, event);
    show.push(event);
  }
  const isWaiting = state.status === "waiting_on_human";
  const isAsked = isWaiting && state.waits === before.asked;
  const question = before.question !== undefined && !isAsked ? "passed" : before.question;
  const follower: RunFollower = { ...before, state, question };
  if (isFinal(state.status)) return { follower, show, next: "final" };
  if (!isWaiting || isAsked || question !== undefined) return { follower, show };
  if (state.question !== undefined || before.isThreadRead) {
    const asking: RunFollower = { ...follower, asked: state.waits, question: "open", isThreadRead: false };
    return { follower: asking, show, next: "ask" };
  }
  const unconfirmed = { started_at: "", ...before.run, run_id: state.run_id, status: state.status };
  return { follower: { ...follower, unconfirmed }, show, next: "confirm" };
}

export function onAnswered({ question, ...follower }: RunFollower): Step {
  const { state } = follower;
  if (question === "passed") return addEvents(follower, []);
  const data = { run_id: state.run_id, status: "running" };
  return addEvents({ ...follower, state: reduce(state, { event: "run_status", id: "", data }) }, []);
}

/** `isStale`: events of the run came while it was read. */
export function onRunRead(before: RunFollower, run: Run | undefined, isStale: boolean): Step {
  if (run === undefined || (isStale && !isFinal(run.status))) return { follower: before };
  const follower = { ...before, run };
  if (run.status === follower.state.status) return { follower };
  return { follower: { ...follower, unconfirmed: run }, next: "confirm" };
}

/** Takes what automation and thread say as if it had come: the stream is silent or over. */
export function backfill(before: RunFollower, run: Run, messages: readonly Message[] | undefined): Step {
  const follower: RunFollower = { ...before, unconfirmed: undefined };
  const isWaiting = run.status === "waiting_on_human";
  if (isWaiting && messages !== undefined && isAnswered(messages)) return { follower };
  const read = isFinal(run.status) ? messages : before.messages;
  const events = backfillEvents(before.state, { run, messages });
  return addEvents({ ...follower, messages: read, isThreadRead: isWaiting }, events);
}
