import { setImmediate as nextTurn } from "node:timers/promises";
import type { Agent, AgentStep, AgentTask } from "./agent.js";
import type { ServerClock } from "./clock.js";
import { newId } from "./ids.js";
import type { EventType } from "./store/events.js";
import type { StoredRun } from "./store/runs.js";
import type { Store } from "./store/store.js";

/** So many steps of an agent that never pauses are written at once. */
const largestBatch = 256;

export type RunRequest = Pick<
  StoredRun,
  "deploymentId" | "automationId" | "threadId" | "origin" | "instructions"
>;

/** What an agent leaves behind as it goes; the other steps end or suspend it. */
type Output = Extract<AgentStep, { type: "say" | "call" | "result" }>;

/** Runs from their start to their end (herm-api.md, "Runs and threads"): status, events and the thread's messages. */
export class Runs {
  readonly #store: Store;
  readonly #clock: ServerClock;
  readonly #agent: Agent;
  readonly #stepDelayMs: number;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #busy = 0;

  /** `stepDelayMs`: how long the agent rests after each piece of its text, on the server's clock. */
  constructor(options: { store: Store; clock: ServerClock; agent: Agent; stepDelayMs: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#agent = options.agent;
    this.#stepDelayMs = options.stepDelayMs;
  }

  /** Starts a run; `together` is written with it, all or nothing. */
  start(request: RunRequest, together: () => void = () => undefined): StoredRun {
    const startedAt = this.#clock.now();
    const run: StoredRun = {
      ...request,
      runId: newId("run"),
      status: "running",
      questions: 0,
      startedAt,
      completedAt: null,
      error: null,
    };
    this.#store.transaction(() => {
      this.#store.runs.insert(run);
      this.#addMessage(run, "user", run.instructions);
      this.#emit(run, "run_status", { status: "running" });
      together();
    });
    this.#launch(run);
    return run;
  }

  /**
   * A person's message: it answers the run that waits on the thread, else steers the one under way, else starts one.
   * Gives back that run.
   */
  receive(message: { deploymentId: string; threadId: string; content: string }): StoredRun {
    const { deploymentId, threadId, content } = message;
    const run = this.#store.runs.inFlight(threadId);
    if (!run) {
      return this.start({
        deploymentId,
        automationId: null,
        threadId,
        origin: "message",
        instructions: content,
      });
    }
    this.#store.transaction(() => {
      this.#completeMessage(run);
      this.#addMessage(run, "user", content);
      if (run.status === "waiting_on_human") this.#setInFlight(run, "running");
    });
    if (run.status === "running") return run;
    this.#launch(run, { text: content, questions: run.questions });
    return { ...run, status: "running" };
  }

  /** Ends what was running when the server died. What waits for a human goes on waiting. */
  recover(): void {
    for (const run of this.#store.runs.running()) this.#finish(run, "interrupted");
  }

  /** How many runs are under way; those that wait for a human are not. */
  get active(): number {
    return this.#underWay.size;
  }

  /** Resolves when every agent rests: done, asking, or waiting for the clock. Programs of others are not waited for. */
  async settled(): Promise<void> {
    do await nextTurn();
    while (this.#busy > 0);
  }

  /** Stops all agents where they are. Their runs are interrupted ones for the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay);
  }

  #launch(run: StoredRun, answer?: AgentTask["answer"]): void {
    const work = this.#work(run, answer).catch((error: unknown) => {
      if (!this.#stop.signal.aborted)
        this.#finish(run, error instanceof Error ? error.message : String(error));
    });
    const counted = work.finally(() => void this.#underWay.delete(counted));
    this.#underWay.add(counted);
  }

  async #work(run: StoredRun, answer: AgentTask["answer"]): Promise<void> {
    if (this.#agent.isExternal) return this.#follow(run, answer);
    this.#busy += 1;
    try {
      await this.#follow(run, answer);
    } finally {
      this.#busy -= 1;
    }
  }

  async #follow(run: StoredRun, answer: AgentTask["answer"]): Promise<void> {
    const { signal } = this.#stop;
    await nextTurn();
    let batch: Output[] = [];
    const write = () => {
      signal.throwIfAborted();
      this.#write(run, batch);
      batch = [];
    };
    for await (const step of this.#agent.work({ instructions: run.instructions, answer, signal })) {
      if (step.type === "say" || step.type === "call" || step.type === "result") {
        batch.push(step);
        const isPaced = this.#agent.isExternal || this.#stepDelayMs > 0;
        if (isPaced || batch.length === largestBatch) write();
        if (isPaced && !this.#agent.isExternal) await this.#rest(this.#stepDelayMs);
        else if (batch.length === 0) await nextTurn();
        continue;
      }
      write();
      if (step.type === "fail") return this.#finish(run, step.reason);
      if (step.type === "ask") return this.#ask(run, step.summary);
      await this.#rest(step.seconds * 1000);
    }
    write();
    this.#finish(run, null);
  }

  async #rest(ms: number): Promise<void> {
    this.#busy -= 1;
    try {
      await this.#clock.sleep(ms, this.#stop.signal);
    } finally {
      this.#busy += 1;
    }
  }

  #write(run: StoredRun, steps: readonly Output[]): void {
    if (steps.length === 0) return;
    this.#store.transaction(() => {
      for (const step of steps) {
        if (step.type === "say") this.#say(run, step.text);
        else if (step.type === "call") {
          this.#emit(run, "tool_call", { tool: step.tool, arguments: step.arguments });
        } else this.#emit(run, "tool_result", { tool: step.tool, result: step.result });
      }
    });
  }

  #say(run: StoredRun, text: string): void {
    if (!this.#store.threads.unfinished(run.runId)) this.#addMessage(run, "agent", null);
    this.#emit(run, "token", { thread_id: run.threadId, delta: text });
  }

  #ask(run: StoredRun, summary: string): void {
    this.#store.transaction(() => {
      this.#completeMessage(run);
      this.#addMessage(run, "agent", summary);
      this.#emit(run, "steering_request", { summary });
      this.#setInFlight({ ...run, questions: run.questions + 1 }, "waiting_on_human");
    });
  }

  #finish(run: StoredRun, error: string | null): void {
    const status = error === null ? "completed" : "error";
    this.#store.transaction(() => {
      this.#completeMessage(run);
      this.#store.runs.finish(run.runId, { status, completedAt: this.#clock.now(), error });
      this.#emit(run, "run_status", error === null ? { status } : { status, error });
    });
  }

  #setInFlight(run: StoredRun, status: "running" | "waiting_on_human"): void {
    this.#store.runs.setInFlight(run.runId, status, run.questions);
    this.#emit(run, "run_status", { status });
  }

  #addMessage(run: StoredRun, role: "user" | "agent", content: string | null): void {
    const { threadId, runId } = run;
    const afterEvent = this.#store.events.newest();
    this.#store.threads.addMessage({
      threadId,
      role,
      content,
      runId,
      afterEvent,
      createdAt: this.#clock.now(),
    });
  }

  /** Closes the message that the agent is writing, if there is one: its next word begins another. */
  #completeMessage(run: StoredRun): void {
    const message = this.#store.threads.unfinished(run.runId);
    if (!message) return;
    const content = this.#store.events.textAfter(run.runId, message.afterEvent);
    this.#store.threads.completeMessage(message.seq, content);
  }

  #emit(run: StoredRun, type: EventType, data: Record<string, unknown>): void {
    const { deploymentId, runId, threadId } = run;
    this.#store.events.append({ deploymentId, runId, threadId, type, data });
  }
}
