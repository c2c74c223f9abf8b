import { isFinal } from "../api/run-status.js";
import type { Message, Run } from "../api/types.js";
import { fieldText, type RunEvent, readEvent } from "./event.js";
import { fillingEvents, fullerText } from "./fill.js";
import type { Beginning, FollowEnd, FollowOptions } from "./follow-options.js";
import { type RunState, reduce, startRun } from "./reduce.js";
import { isAnswered, messagesOf, withoutOverlap } from "./thread-text.js";

export interface CourseOptions
  extends Pick<FollowOptions, "source" | "view" | "answer" | "isUnread" | "signal"> {
  /** The automation says something that the stream doesn't: `settle` is to be called when the stream stays silent. */
  onDoubt(): void;
  /** A person has answered, or could not be asked. */
  onAnswered(error?: unknown): void;
}

/** The course of one run, whatever its news come from. Each step gives back how the following ends, if it ends there. */
export class Course {
  readonly #options: CourseOptions;
  #state: RunState;
  /** As the automation showed it last. */
  #run: Run | undefined;
  #doubt: Run | undefined;
  #messages: readonly Message[] | undefined;
  #isUnreadable = false;
  /** So many of its waits were put to a person. */
  #asked = 0;
  #asking: AbortController | undefined;
  /** The stream doesn't hold the whole run: it was joined late, or cut before its first id. */
  hasGap = false;

  constructor(options: CourseOptions, { runId, threadId }: Beginning) {
    this.#options = options;
    this.#state = startRun(runId, threadId);
  }

  get isInDoubt(): boolean {
    return this.#doubt !== undefined;
  }

  /** The first step: what a run that was under way had said until then, and the events that came meanwhile. */
  begin({ joined }: Beginning, events: readonly RunEvent[]): Promise<FollowEnd | undefined> {
    if (joined === undefined) return this.add(events);
    this.#run = joined.run;
    this.hasGap = true;
    if (isFinal(joined.run.status)) this.#messages = joined.messages;
    const earlier = fillingEvents(this.#state, joined);
    const text = earlier.map((event) => fieldText(event.data, "delta") ?? "").join("");
    return this.add([...earlier, ...withoutOverlap(text, events)]);
  }

  /** Shows events of the run up to its end, and does what the state wants that they lead to. */
  async add(events: readonly RunEvent[]): Promise<FollowEnd | undefined> {
    const shown: RunEvent[] = [];
    for (const event of events) {
      if (isFinal(this.#state.status)) break;
      this.#state = reduce(this.#state, event);
      shown.push(event);
    }
    const state = this.#state;
    const hasMovedOn = state.status !== "waiting_on_human" || state.waits > this.#asked;
    if (hasMovedOn) this.#asking?.abort();
    await this.#options.view.show(shown, state);
    if (this.#options.isUnread?.()) return this.end("unread");
    if (isFinal(state.status)) return this.end("final");
    return state.status === "waiting_on_human" ? this.#wait(state) : undefined;
  }

  /** What the automation said of the run. `isStale`: events of the run came while it was asked. */
  read(run: Run | undefined, isStale: boolean): void {
    if (run === undefined || (isStale && !isFinal(run.status))) return;
    this.#run = run;
    if (run.status !== this.#state.status) this.#consider(run);
  }

  /** The stream was silent: what was read counts as if it had come. */
  async settle(): Promise<FollowEnd | undefined> {
    const run = this.#doubt;
    this.#doubt = undefined;
    return run === undefined ? undefined : this.#fill(run);
  }

  /** A person has answered, or could not be. */
  async answered(error: unknown): Promise<FollowEnd | undefined> {
    const wasPassed = this.#asking?.signal.aborted === true;
    this.#asking = undefined;
    if (error !== undefined && !wasPassed) throw error;
    if (!wasPassed) this.#state = reduce(this.#state, runningAgain(this.#state.runId));
    return this.add([]);
  }

  /** The stream is over: the automation has the last word. */
  async lose(cause: unknown): Promise<FollowEnd> {
    const run = await this.readRun();
    this.#run = run ?? this.#run;
    const end = run !== undefined && run.status !== "running" ? await this.#fill(run) : undefined;
    return end ?? { ...(await this.end("lost")), cause };
  }

  async end(reason: FollowEnd["reason"]): Promise<FollowEnd> {
    this.stop();
    let messages = this.#messages;
    if (reason === "final" && this.hasGap && messages === undefined) {
      this.#run = (await this.readRun()) ?? this.#run;
      messages = await this.#readMessages(this.#run);
    }
    return { reason, state: this.#state, run: this.#run, wholeText: fullerText(this.#state, messages) };
  }

  /** Closes an open question. */
  stop(): void {
    this.#asking?.abort();
  }

  /** The run as its automation shows it; undefined if that can't be read, since it is only ever a second opinion. */
  async readRun(): Promise<Run | undefined> {
    const { source, signal } = this.#options;
    try {
      return await source.readRun(this.#state.runId, signal);
    } catch {
      return undefined;
    }
  }

  async #fill(run: Run): Promise<FollowEnd | undefined> {
    const messages = await this.#readMessages(run);
    const isWaiting = run.status === "waiting_on_human";
    if (isWaiting && messages !== undefined && isAnswered(messages)) return undefined;
    if (isFinal(run.status)) this.#messages = messages;
    this.#isUnreadable = isWaiting;
    return this.add(fillingEvents(this.#state, { run, messages }));
  }

  async #readMessages(run: Run | undefined): Promise<Message[] | undefined> {
    const { source, signal } = this.#options;
    const threadId = this.#state.threadId ?? run?.thread_id;
    if (!threadId) return undefined;
    try {
      const thread = await source.readThread(threadId, signal);
      return messagesOf(thread, run ?? { run_id: this.#state.runId, started_at: "" });
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  #wait(state: RunState): Promise<FollowEnd> | undefined {
    if (this.#asking !== undefined || state.waits === this.#asked) return undefined;
    if (state.question === undefined && !this.#isUnreadable) {
      this.#consider({ started_at: "", ...this.#run, run_id: state.runId, status: state.status });
      return undefined;
    }
    const { answer, onAnswered } = this.#options;
    if (answer === undefined) return this.end("waiting");
    const asking = new AbortController();
    this.#asking = asking;
    this.#asked = state.waits;
    this.#isUnreadable = false;
    answer(state.question, { state, signal: asking.signal }).then(() => onAnswered(), onAnswered);
    return undefined;
  }

  #consider(run: Run): void {
    this.#doubt = run;
    this.#options.onDoubt();
  }
}

function runningAgain(runId: string): RunEvent {
  return readEvent({
    event: "run_status",
    id: "",
    data: JSON.stringify({ run_id: runId, status: "running" }),
  });
}
