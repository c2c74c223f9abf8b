import type { CreateOnce, OnceSender } from "../../../changes/once.js";
import { fieldsToCreate, type Task } from "../../../manifest/fleet-plan.js";
import type { Turns } from "./turns.js";

/** So many at once: a slow disk is waited for seldom, and while others are sent. */
const mostAhead = 32;
const fewestAhead = 16;

export interface AheadWork {
  /** In the order in which they are done. */
  tasks: readonly Task[];
  sender: Pick<OnceSender, "openAhead">;
  turns: Pick<Turns, "hasCome" | "isToBeSent" | "takeAhead">;
}

/**
 * Opens the intents of an apply's creates before they are sent, as far as their deployments' turns have come, and takes the
 * next turn meanwhile.
 */
export class CreatesAhead {
  readonly #creates = new Map<Task, CreateOnce>();
  #started = 0;
  #looked = 0;

  constructor(private readonly work: AheadWork) {}

  /** One more task is started: it opens its own intent. */
  count(): void {
    this.#started += 1;
  }

  /** What to send for a task whose turn has come. */
  take(task: Task): CreateOnce {
    const create = this.#creates.get(task) ?? createOf(task);
    this.#creates.delete(task);
    this.#open();
    return create;
  }

  #open(): void {
    const { tasks, sender, turns } = this.work;
    this.#looked = Math.max(this.#looked, this.#started);
    if (this.#looked - this.#started >= fewestAhead) return;
    const end = Math.min(this.#started + mostAhead, tasks.length);
    for (; this.#looked < end; this.#looked += 1) {
      const task = tasks[this.#looked];
      if (task === undefined) return;
      if (!turns.hasCome(task)) {
        // The first create goes alone: it may be refused, and then nothing else is sent.
        if (this.#started > 1) turns.takeAhead(task);
        return;
      }
      if (task.change.action !== "create" || !turns.isToBeSent(task)) continue;
      const create = createOf(task);
      this.#creates.set(task, create);
      sender.openAhead(create);
    }
  }
}

function createOf({ target: { deploymentId }, change, known }: Task): CreateOnce {
  return { deploymentId, fields: fieldsToCreate(change), known };
}
