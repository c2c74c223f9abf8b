import { isFinal } from "../api/schema.js";
import type { Message, RawEvent, Run } from "../api/types.js";
import { agentText } from "./closing-line.js";
import type { RunStart } from "./follow-source.js";
import {
  entriesSince,
  fieldText,
  type RunEvent,
  type RunState,
  readEvent,
  reduce,
  runOf,
  startRun,
} from "./reduce.js";
import { agentTexts, isAnswered, missingText, questionIn, withoutOverlap } from "./thread-text.js";

/** A run that is being followed. Immutable: each step returns a new one. */
export interface RunFollower {
  readonly state: RunState;
  readonly run: Run | undefined;
  /** A status that the automation has but the stream hasn't shown yet. */
  readonly unconfirmed?: Run | undefined;
  readonly messages?: readonly Message[] | undefined;
  /** True if its thread was read, even if there was no question in it. */
  readonly isThreadRead?: boolean;
  /** The number of questions put to the user so far. */
  readonly asked: number;
  /** `passed`: the run has continued, so the question should be closed. */
  readonly question?: "open" | "passed" | undefined;
}

/** A new follower, and its effects: first `show`, then `next`. */
export interface Step {
  follower: RunFollower;
  show?: readonly RunEvent[];
  /** `confirm`: the status of the automation counts once the stream has been silent. */
  next?: "ask" | "confirm" | "final";
}

/** Combines the earlier output of a run that is still going with the events since. */
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

/** `isStale` if the run sent events during the read. */
export function onRunRead(before: RunFollower, run: Run | undefined, isStale: boolean): Step {
  if (run === undefined || (isStale && !isFinal(run.status))) return { follower: before };
  const follower = { ...before, run };
  if (run.status === follower.state.status) return { follower };
  return { follower: { ...follower, unconfirmed: run }, next: "confirm" };
}

/** Applies the state of the automation and thread as if it had been streamed, because the stream is silent or over. */
export function backfill(before: RunFollower, run: Run, messages: readonly Message[] | undefined): Step {
  const follower: RunFollower = { ...before, unconfirmed: undefined };
  const isWaiting = run.status === "waiting_on_human";
  if (isWaiting && messages !== undefined && isAnswered(messages)) return { follower };
  const read = isFinal(run.status) ? messages : before.messages;
  const events = backfillEvents(before.state, { run, messages });
  return addEvents({ ...follower, messages: read, isThreadRead: isWaiting }, events);
}

/** Bytes to buffer until the run's id is known; beyond that, the stream waits unread, so that no events are lost. */
const bufferLimit = 8 * 1024 * 1024;

export class RunEvents {
  #buffer: RawEvent[] = [];
  #size = 0;
  #waiting: (() => void)[] = [];
  #before: string | undefined;
  #hasStarted = false;
  seen = 0;

  get afterEvent(): string | undefined {
    return (this.#hasStarted && this.#before) || undefined;
  }

  startAfter(id: string): void {
    this.#before ??= id;
  }

  /** `done` asks for more: at once if there is room, and otherwise when the buffer is emptied. */
  buffer(events: readonly RawEvent[], done: () => void): void {
    for (const event of events) {
      this.#buffer.push(event);
      this.#size += event.data.length + event.event.length + event.id.length;
    }
    if (this.#size <= bufferLimit) done();
    else this.#waiting.push(done);
  }

  takeBuffer(run_id: string): { events: RunEvent[]; done(): void } {
    const events = this.of(run_id, this.#buffer.splice(0));
    return { events, done: () => this.#waiting.splice(0).forEach((done) => void done()) };
  }

  of(run_id: string, events: readonly RawEvent[]): RunEvent[] {
    const own = events.map(readEvent).filter((event) => {
      const isOwn = runOf(event) === run_id;
      if (!this.#hasStarted) this.#noteBefore(event, isOwn);
      return isOwn;
    });
    this.seen += own.length;
    return own;
  }

  /** Stores the id before the run's first event, or that event's own if it is the first and only reports a status. */
  #noteBefore({ event, id }: RunEvent, isOwn: boolean): void {
    if (!isOwn && id === "") return;
    if (!isOwn || (this.#before === "" && event === "run_status")) this.#before = id;
    this.#hasStarted = isOwn;
  }
}

interface ReadRun {
  run: Pick<Run, "run_id" | "status" | "thread_id" | "error">;
  messages: readonly Message[] | undefined;
}

/** The events missing from the stream. They have no id, because the server never sent them. */
function backfillEvents(state: RunState, { run, messages = [] }: ReadRun): RunEvent[] {
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
