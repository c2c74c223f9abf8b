/** The local server's runs: starts them, writes them and ends them. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { sleep } from "../api/abort.js";
import { textOfError } from "../errors/cli-errors.js";
import type { ActivityLog } from "./activity-log.js";
import type { Agent, AgentStep, AgentTask } from "./agent.js";
import type { ServerClock } from "./clock.js";
import { newId } from "./ids.js";
import { type EventType, longestTextBytes } from "./store/events.js";
import type { StoredRun } from "./store/records.js";
import { SharedWrites } from "./store/shared-writes.js";
import type { Store } from "./store/store.js";

const tooLong = `it wrote more than ${longestTextBytes / 1024 / 1024} MiB`;

/** Maximum number of steps written at once for an agent that never pauses, to keep each turn short. */
const largestBatch = 64;

/** The number of a dead server's runs that are ended in one write. */
const recoveredTogether = 64;

const beginnings: Record<StoredRun["origin"], string> = {
  schedule: "fired",
  manual: "triggered",
  message: "messaged",
};

/** Milliseconds of real time until a failed write is retried. */
export const retryMs = 500;

export type RunRequest = Pick<
  StoredRun,
  "deployment_id" | "automation_id" | "thread_id" | "origin" | "instructions"
>;

/** Runs from start to end (src/api/README.md): status, events and the thread's messages. */
export class Runs {
  readonly #writer: RunWriter;
  /** Combines the writes of all agents in one turn of the event loop into one transaction. */
  readonly #writes: SharedWrites;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #gate: Semaphore;
  #busy = 0;

  /** `stepDelayMs`: the agent's pause after each piece, by the server's clock. `report` receives failed writes. */
  constructor(
    private readonly options: {
      store: Store;
      clock: ServerClock;
      agent: Agent;
      stepDelayMs: number;
      report(error: unknown): void;
      activityLog?: ActivityLog;
    },
  ) {
    this.#writer = new RunWriter(options.store, options.clock);
    this.#writes = new SharedWrites(options.store);
    this.#gate = new Semaphore(options.agent.mostAtOnce);
  }

  start(request: RunRequest): StoredRun {
    const run = this.#toRun(request);
    this.options.store.transaction(() => this.#writer.begin(run));
    this.#begun(run);
    return run;
  }

  /** Starts a run for each request, all or none, in one transaction with the writes of the iteration. */
  startEach(requests: () => Iterable<RunRequest>): StoredRun[] {
    const runs: StoredRun[] = [];
    this.options.store.transaction(() => {
      for (const request of requests()) {
        const run = this.#toRun(request);
        this.#writer.begin(run);
        runs.push(run);
      }
    });
    for (const run of runs) this.#begun(run);
    return runs;
  }

  /** Answers the thread's waiting run with a user's message, steers the current one, or starts one. Returns it. */
  receive(message: { deployment_id: string; thread_id: string; content: string }): StoredRun {
    const { deployment_id, thread_id, content } = message;
    const run = this.options.store.runs.inFlight(thread_id);
    const origin = "message";
    if (!run)
      return this.start({ deployment_id, automation_id: null, thread_id, origin, instructions: content });
    this.options.store.transaction(() => this.#writer.hear(run, content));
    this.options.activityLog?.run(run.status === "running" ? "steered" : "answered", run);
    if (run.status === "running") return run;
    this.#launch(run, { text: content, questions: run.questions });
    return { ...run, status: "running" };
  }

  /** Ends runs that were active when the server died. Those waiting for a human keep waiting. */
  recover(): void {
    const { store, activityLog } = this.options;
    for (;;) {
      const runs = store.runs.running(recoveredTogether);
      if (runs.length === 0) return;
      store.transaction(() => {
        for (const run of runs) this.#writer.finish(run, [], "interrupted");
      });
      for (const run of runs) activityLog?.ended(run, "interrupted");
    }
  }

  /** The number of active runs, except those waiting for a human. */
  get active(): number {
    return this.#underWay.size;
  }

  /** Resolves when every agent is done, asking, or waiting for the clock. Doesn't wait for external programs. */
  async whenIdle(): Promise<void> {
    do await nextTurn();
    while (this.#busy > 0);
  }

  /** Stops all agents immediately. The next start finds their runs interrupted. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay);
  }

  #toRun(request: RunRequest): StoredRun {
    return {
      ...request,
      run_id: newId("run"),
      status: "running",
      questions: 0,
      started_at: this.options.clock.now(),
      completed_at: null,
      error: null,
    };
  }

  #begun(run: StoredRun): void {
    this.options.activityLog?.run(beginnings[run.origin], run);
    this.#launch(run);
  }

  async #write(run: StoredRun, steps: readonly Output[]): Promise<void> {
    if (steps.length > 0) await this.#writes.add(() => this.#writer.write(run, steps));
  }

  async #finish(run: StoredRun, steps: readonly Output[], error: string | null): Promise<void> {
    await this.#writes.add(() => this.#writer.finish(run, steps, error));
    this.options.activityLog?.ended(run, error);
  }

  async #ask(run: StoredRun, steps: readonly Output[], summary: string): Promise<void> {
    await this.#writes.add(() => this.#writer.ask(run, steps, summary));
    this.options.activityLog?.run("asks", run, summary);
  }

  #launch(run: StoredRun, answer?: AgentTask["answer"]): void {
    // A failure here means that the server is stopping; the next start ends the run.
    const work = this.#work(run, answer).catch(() => undefined);
    const counted = work.finally(() => void this.#underWay.delete(counted));
    this.#underWay.add(counted);
  }

  async #work(run: StoredRun, answer: AgentTask["answer"]): Promise<void> {
    const isWaitedFor = !this.options.agent.isExternal;
    if (isWaitedFor) this.#busy += 1;
    const followed = this.#atWork(() => this.#follow(run, answer)).finally(() => {
      if (isWaitedFor) this.#busy -= 1;
    });
    await followed.catch((error: unknown) => this.#insistOnEnd(run, error));
  }

  async #atWork(work: () => Promise<void>): Promise<void> {
    await this.#gate.acquire();
    try {
      await nextTurn();
      this.#stop.signal.throwIfAborted();
      await work();
    } finally {
      this.#gate.release();
    }
  }

  /** Ends a broken run, and retries until that is written, so that it doesn't stay active forever. */
  async #insistOnEnd(run: StoredRun, error: unknown): Promise<void> {
    const reason = textOfError(error);
    for (;;) {
      try {
        return await this.#atWork(() => this.#finish(run, [], reason));
      } catch (failure) {
        this.#stop.signal.throwIfAborted();
        this.options.report(failure);
        await sleep(retryMs, this.#stop.signal);
      }
    }
  }

  async #follow(run: StoredRun, answer: AgentTask["answer"]): Promise<void> {
    const { signal } = this.#stop;
    const { agent, stepDelayMs } = this.options;
    let batch: Output[] = [];
    const taken = () => {
      signal.throwIfAborted();
      const steps = batch;
      batch = [];
      return steps;
    };
    const said = answer ? this.options.store.events.textAfter(run.run_id, 0) : "";
    let leftBytes = longestTextBytes - Buffer.byteLength(said);
    for await (const step of agent.work({ instructions: run.instructions, answer, signal })) {
      if (step.type === "fail") return this.#finish(run, taken(), step.reason);
      if (step.type === "ask") return this.#ask(run, taken(), step.summary);
      if (step.type === "wait") {
        await this.#write(run, taken());
        await this.#rest(step.seconds * 1000);
        continue;
      }
      if (step.type === "say") leftBytes -= Buffer.byteLength(step.text);
      if (leftBytes < 0) return this.#finish(run, taken(), tooLong);
      batch.push(step);
      const isPaced = agent.isExternal || stepDelayMs > 0;
      if (isPaced || batch.length === largestBatch) await this.#write(run, taken());
      if (isPaced && !agent.isExternal) await this.#rest(stepDelayMs);
    }
    return this.#finish(run, taken(), null);
  }

  /** Lets other work run in between. */
  async #rest(ms: number): Promise<void> {
    this.#busy -= 1;
    this.#gate.release();
    try {
      await this.options.clock.sleep(ms, this.#stop.signal);
    } finally {
      this.#busy += 1;
      await this.#gate.acquire();
    }
  }
}

class Semaphore {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async acquire(): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((go) => this.#waiting.push(go));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}

export type Output = Extract<AgentStep, { type: "say" | "call" | "result" }>;

/** Writes a run's progress: its row, its thread's messages and its events. Requires a transaction of the store. */
export class RunWriter {
  constructor(
    private readonly store: Store,
    private readonly clock: Pick<ServerClock, "now">,
  ) {}

  begin(run: StoredRun): void {
    this.store.runs.insert(run);
    this.#addMessage(run, "user", run.instructions);
    this.#emit(run, "run_status", { status: "running" });
  }

  /** Adds a user's message to a run in progress; if the run is waiting, it continues with the message. */
  hear(run: StoredRun, content: string): void {
    this.#completeMessage(run);
    this.#addMessage(run, "user", content);
    if (run.status === "waiting_on_human") this.#setInFlight(run, "running");
  }

  write(run: StoredRun, steps: readonly Output[]): void {
    for (const step of steps) {
      if (step.type === "say") this.#say(run, step.text);
      else if (step.type === "call") {
        this.#emit(run, "tool_call", { tool: step.tool, arguments: step.arguments });
      } else this.#emit(run, "tool_result", { tool: step.tool, result: step.result });
    }
  }

  /** Writes steps after which the run waits for a human; its question is also an agent message. */
  ask(run: StoredRun, steps: readonly Output[], summary: string): void {
    this.write(run, steps);
    this.#completeMessage(run);
    this.#addMessage(run, "agent", summary);
    this.#emit(run, "steering_request", { summary });
    this.#setInFlight({ ...run, questions: run.questions + 1 }, "waiting_on_human");
  }

  /** Writes steps after which the run is finished; `error` is the reason if it failed. */
  finish(run: StoredRun, steps: readonly Output[], error: string | null): void {
    this.write(run, steps);
    const status = error === null ? "completed" : "error";
    this.#completeMessage(run);
    this.store.runs.update({ run_id: run.run_id }, { status, completed_at: this.clock.now(), error });
    this.#emit(run, "run_status", error === null ? { status } : { status, error });
  }

  #say(run: StoredRun, text: string): void {
    if (!this.store.threads.unfinished(run.run_id)) this.#addMessage(run, "agent", null);
    this.#emit(run, "token", { thread_id: run.thread_id, delta: text });
  }

  #setInFlight(run: StoredRun, status: "running" | "waiting_on_human"): void {
    this.store.runs.update({ run_id: run.run_id }, { status, questions: run.questions });
    this.#emit(run, "run_status", { status });
  }

  #addMessage(run: StoredRun, role: "user" | "agent", content: string | null): void {
    const { thread_id, run_id } = run;
    const [after_event, created_at] = [this.store.events.newest(), this.clock.now()];
    this.store.threads.addMessage({ thread_id, role, content, run_id, after_event, created_at });
  }

  /** Closes the agent's current message, if there is one, so that its next word starts another. */
  #completeMessage(run: StoredRun): void {
    const message = this.store.threads.unfinished(run.run_id);
    if (!message) return;
    const content = this.store.events.textAfter(run.run_id, message.after_event);
    this.store.threads.completeMessage(message.seq, content);
  }

  #emit(run: StoredRun, type: EventType, data: Record<string, unknown>): void {
    const { deployment_id, run_id, thread_id } = run;
    this.store.events.append({ deployment_id, run_id, thread_id, type, data });
  }
}
