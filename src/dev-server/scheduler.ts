/** Starts runs when they are due. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { cronTimes } from "../schedule/cron-times.js";
import { latestTime, type ServerClock } from "./clock.js";
import { type RunRequest, type Runs, retryMs } from "./runs.js";
import type { Store } from "./store/store.js";

/** Maximum number of due times between now and the clock's new time. */
const mostDueAtOnce = 1_000;

/** Milliseconds spent on starting runs before other work gets its turn. */
const firingMs = 25;

/** The clock can't be moved that far: it wasn't moved, and no run was started. */
export class ClockMoveError extends Error {
  override readonly name = "ClockMoveError";
}

/**
 * Starts the runs of enabled automations at their due times, earliest first, then by age. A run and the next due time
 * are written together, so that no due time starts two runs; after downtime, the missed ones start one.
 */
export class Scheduler {
  #cancelAlarm = () => {};
  #lastMove: Promise<unknown> = Promise.resolve();
  #fired = 0;
  #rest: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** `report` is called if runs can't be started; the start is soon retried. */
  constructor(
    private readonly options: {
      store: Store;
      clock: ServerClock;
      runs: Runs;
      report(error: unknown): void;
    },
  ) {}

  /** Recomputes the next due time; call it after every change to an automation. */
  rearm(): void {
    if (this.#rest) return;
    this.#cancelAlarm();
    const next = this.options.store.automations.nextDue();
    if (next) this.#cancelAlarm = this.options.clock.at(next.next_run_at, () => this.#ring());
  }

  /**
   * Moves the clock to a time, in ms, through all due times until then; a time already past has no effect. Throws
   * ClockMoveError if there are too many due times. Returns the number of runs started.
   */
  advanceTo(time: number): Promise<number> {
    const move = this.#lastMove.then(async () => {
      if (this.#countDue(time) > mostDueAtOnce) {
        throw new ClockMoveError(`more than ${mostDueAtOnce} scheduled runs would start until then`);
      }
      const before = this.#fired;
      await this.options.clock.moveTo(time, () => this.#settled());
      return this.#fired - before;
    });
    this.#lastMove = move.catch(() => undefined);
    return move;
  }

  close(): void {
    this.#cancelAlarm();
    clearImmediate(this.#rest);
    this.#rest = undefined;
    clearTimeout(this.#retry);
  }

  async #settled(): Promise<void> {
    while (this.#rest) await nextTurn();
    await this.options.runs.whenIdle();
  }

  #ring(): void {
    this.#rest = undefined;
    try {
      const isDone = this.#fireDue();
      if (isDone) this.rearm();
      else this.#rest = setImmediate(() => this.#ring());
    } catch (error) {
      this.options.report(error);
      this.#retry = setTimeout(() => this.#ring(), retryMs);
    }
  }

  #fireDue(): boolean {
    const now = this.options.clock.now();
    this.#fired += this.options.runs.startEach(() => this.#takeDue(now)).length;
    const next = this.options.store.automations.nextDue();
    return next === undefined || next.next_run_at > now;
  }

  *#takeDue(now: number): Generator<RunRequest> {
    const until = performance.now() + firingMs;
    do {
      const due = this.options.store.automations.nextDue();
      if (!due || due.next_run_at > now) return;
      const { automation_id, deployment_id, thread_id, instructions, cron } = due;
      this.options.store.automations.update({ automation_id }, { next_run_at: nextDue(cron, now) });
      yield { deployment_id, automation_id, thread_id, origin: "schedule", instructions };
    } while (performance.now() < until);
  }

  #countDue(until: number): number {
    let count = 0;
    for (const { cron, next_run_at } of this.options.store.automations.dueUntil(until)) {
      for (
        let time: number | null = next_run_at;
        time !== null && time <= until;
        time = nextDue(cron, time)
      ) {
        count += 1;
        if (count > mostDueAtOnce) return count;
      }
    }
    return count;
  }
}

/** The first time after a given one at which a UTC cron expression is due; both in ms, null if never. */
export function nextDue(cron: string, after: number): number | null {
  const next = cronTimes(cron)?.after(after);
  return next === undefined || next > latestTime ? null : next;
}
