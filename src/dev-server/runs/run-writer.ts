import type { AgentStep } from "../agent/agent.js";
import type { ServerClock } from "../clock.js";
import type { EventType } from "../store/events.js";
import type { StoredRun } from "../store/records.js";
import type { Store } from "../store/store.js";

export type Output = Extract<AgentStep, { type: "say" | "call" | "result" }>;

/** Writes what happens to a run: its row, its thread's messages and its events. Within a transaction of the store. */
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

  /** A person's message to a run in flight; one that waits goes on with it. */
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

  /** Writes steps after which the run waits for a human; its question is an agent message too. */
  ask(run: StoredRun, steps: readonly Output[], summary: string): void {
    this.write(run, steps);
    this.#completeMessage(run);
    this.#addMessage(run, "agent", summary);
    this.#emit(run, "steering_request", { summary });
    this.#setInFlight({ ...run, questions: run.questions + 1 }, "waiting_on_human");
  }

  /** Writes steps after which the run is over; `error` is the reason if it failed. */
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

  /** Closes the message that the agent is writing, if there is one: its next word begins another. */
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
