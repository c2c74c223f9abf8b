import { innerController } from "../api/abort.js";
import type { Herm } from "../api/client.js";
import { TimeoutError } from "../api/errors.js";
import { type StartTimer, startTimer } from "../api/guard.js";
import type { RequestOptions } from "../api/request-options.js";
import type { Context } from "../context.js";

/** One of many is given up after so long: before, the API is asked whether it is there. */
const patienceMs = 5_000;
const askMs = 1_000;

/** What a request of one of many is given. */
export type Limits = Pick<RequestOptions, "signal" | "stopSignal" | "onAnswer">;

/** Reads one of many; `read` gives these limits to its requests. Rejects as `read` does, or with a TimeoutError. */
export type ReadOne = <Value>(
  read: (limits: Limits) => Promise<Value>,
  signal: AbortSignal | undefined,
) => Promise<Value>;

/** Whether one of many is given up that gives nothing while others do. A script has to get all of it, or wait as long as it says. */
export function isImpatient({ io, settings }: Pick<Context, "io" | "settings">, isWatch = false): boolean {
  return (io.stdoutIsTty || isWatch) && settings.flags.maxWaitMs === undefined;
}

/**
 * For one reading of many: gives up what gives nothing for 5 s while others do, with its own error where it fails. `isWatch`: it
 * is one of many looks, at the next of which it is read again.
 */
export function readOneOfMany(
  context: Pick<Context, "io" | "settings" | "timer">,
  client: Herm,
  { isWatch = false } = {},
): ReadOne {
  if (!isImpatient(context, isWatch)) return (read, signal) => read({ signal });
  const many = { answers: 0, isApiThere: asking(client) };
  return (read, signal) => new One(many, context.timer ?? startTimer).read(read, signal);
}

/** Asks for something small; who asks meanwhile gets the same answer. */
function asking(client: Herm): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  const ask = async () => {
    try {
      await client.deployments.list({ limit: 1 }, { maxWaitMs: askMs });
      return true;
    } catch {
      return false;
    } finally {
      asked = undefined;
    }
  };
  return () => (asked ??= ask());
}

/** One of many while it is read. */
class One {
  readonly #gaveUp = new Error("gave up");
  /** Ends the waits between attempts: what the last one failed with is thrown then. */
  readonly #attempts = new AbortController();
  readonly #all = new AbortController();
  #answersBefore: number;
  #isFailing = false;
  /** Else it has only just come back. */
  #wasApiThere = true;
  #stopTimer = () => {};

  constructor(
    private readonly many: { answers: number; isApiThere(): Promise<boolean> },
    private readonly timer: StartTimer,
  ) {
    this.#answersBefore = many.answers;
  }

  async read<Value>(
    read: (limits: Limits) => Promise<Value>,
    outer: AbortSignal | undefined,
  ): Promise<Value> {
    const { signal } = innerController(outer, this.#all.signal);
    this.#wait();
    try {
      const onAnswer = ({ status }: { status: number }) => this.#hear(status);
      return await read({ signal, stopSignal: this.#attempts.signal, onAnswer });
    } catch (error) {
      if (error !== this.#gaveUp) throw error;
      throw new TimeoutError("no answer", { timeoutMs: patienceMs, neverArrived: false, isOfAll: true });
    } finally {
      this.#stopTimer();
      this.#all.abort();
    }
  }

  #wait(): void {
    this.#stopTimer();
    this.#stopTimer = this.timer(patienceMs - askMs, () => this.#ask());
  }

  /** That others had an answer shows nothing if the API went away since. */
  #ask(): void {
    let isApiThere = false;
    if (this.many.answers > this.#answersBefore)
      void this.many.isApiThere().then((isThere) => {
        isApiThere = isThere;
      });
    this.#stopTimer = this.timer(askMs, () => {
      if (isApiThere && this.#wasApiThere) this.#giveUp();
      this.#wasApiThere = isApiThere;
      this.#wait();
    });
  }

  #giveUp(): void {
    (this.#isFailing ? this.#attempts : this.#all).abort(this.#gaveUp);
    this.#isFailing = false;
  }

  #hear(status: number): void {
    this.#isFailing = status >= 300;
    // Who asks to wait is there.
    if (this.#isFailing && status !== 429) return;
    if (!this.#isFailing) this.many.answers += 1;
    this.#answersBefore = this.many.answers;
    this.#wait();
  }
}
