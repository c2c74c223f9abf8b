import { isFinal } from "../api/run-status.js";
import type { Message, Run } from "../api/types.js";
import { backfillEvents } from "./backfill.js";
import { fieldText, type RunEvent } from "./event.js";
import type { RunStart } from "./follow-options.js";
import { type RunState, reduce, startRun } from "./reduce.js";
import { isAnswered, withoutOverlap } from "./thread-text.js";

/** A run that is followed. Never changed: each step gives a new one. */
export interface RunFollower {
  readonly state: RunState;
  /** As the automation showed it last. */
  readonly run: Run | undefined;
  /** What the automation says and the stream doesn't yet. */
  readonly unconfirmed?: Run | undefined;
  /** Of a run that is over, where its thread was read. */
  readonly messages?: readonly Message[] | undefined;
  /** Its thread was read, and may have no question. */
  readonly hasNoQuestion?: boolean;
  /** So many of its waits were put to a person. */
  readonly asked: number;
  /** What a person is asked now; `passed`: the run has moved on, and it is to close. */
  readonly question?: "open" | "passed" | undefined;
}

/** What an event makes of a follower, and what it leads to: first `show`, then `next`. */
export interface Step {
  follower: RunFollower;
  show?: readonly RunEvent[];
  /** `settle`: what the automation says counts once the stream has been silent. */
  next?: "ask" | "confirm" | "final";
}

/** What a run that was under way had said until now, and the events that came meanwhile. */
export function startFollower({ run_id, thread_id, joined }: RunStart, events: readonly RunEvent[]): Step {
  const state = startRun(run_id, thread_id);
  if (joined === undefined) return addEvents({ state, run: undefined, asked: 0 }, events);
  const { run, messages } = joined;
  const earlier = backfillEvents(state, joined);
  const text = earlier.map((event) => fieldText(event.data, "delta") ?? "").join("");
  const follower = { state, run, asked: 0, messages: isFinal(run.status) ? messages : undefined };
  return addEvents(follower, [...earlier, ...withoutOverlap(text, events)]);
}

/** Takes events of the run up to its end. */
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
  if (state.question !== undefined || before.hasNoQuestion) {
    const asking = { asked: state.waits, question: "open", isUnreadable: false } as const;
    return { follower: { ...follower, ...asking }, show, next: "ask" };
  }
  const unconfirmed = { started_at: "", ...before.run, run_id: state.run_id, status: state.status };
  return { follower: { ...follower, unconfirmed }, show, next: "confirm" };
}

/** A person has answered, or the question was closed since the run moved on. */
export function onAnswered({ question, ...follower }: RunFollower): Step {
  const { state } = follower;
  if (question === "passed") return addEvents(follower, []);
  const data = { run_id: state.run_id, status: "running" };
  return addEvents({ ...follower, state: reduce(state, { event: "run_status", id: "", data }) }, []);
}

/** The automation shows the run. `isStale`: events of the run came while it was read. */
export function onRunRead(before: RunFollower, run: Run | undefined, isStale: boolean): Step {
  if (run === undefined || (isStale && !isFinal(run.status))) return { follower: before };
  const follower = { ...before, run };
  if (run.status === follower.state.status) return { follower };
  return { follower: { ...follower, unconfirmed: run }, next: "confirm" };
}

/** The stream is silent or over: what automation and thread say counts as if it had come. */
export function backfill(before: RunFollower, run: Run, messages: readonly Message[] | undefined): Step {
  const follower = { ...before, doubt: undefined };
  const isWaiting = run.status === "waiting_on_human";
  if (isWaiting && messages !== undefined && isAnswered(messages)) return { follower };
  const read = isFinal(run.status) ? messages : before.messages;
  const events = backfillEvents(before.state, { run, messages });
  return addEvents({ ...follower, messages: read, hasNoQuestion: isWaiting }, events);
}
