import { innerController } from "../api/abort.js";
import type { HermClient } from "../api/client.js";
import { TimeoutError } from "../api/errors.js";
import { type StartTimer, startTimer } from "../api/fetch.js";
import type { CallOptions } from "../api/request-options.js";
import type { Context } from "../context/context.js";

/** When a deployment counts as silent, and how fast a response must be to show that the API is fast. */
const silenceMs = 5_000;
const soonMs = 2_000;

export type Limits = Pick<CallOptions, "signal" | "stopSignal" | "onAnswer">;

/** Reads one of many; `read` passes these limits to requests. Rejects with the error from `read`, or a TimeoutError. */
export type ReadOne = <Value>(
  read: (limits: Limits) => Promise<Value>,
  signal: AbortSignal | undefined,
) => Promise<Value>;

/**
 * Abandons a silent deployment after 5 s, if others have responded and the API still does. A script waits for all of
 * them, or for as long as its flags allow. `isWatch`: the next refresh reads the deployment again.
 */
export function readOneOfMany(
  { io, settings: { flags }, timer = startTimer }: Pick<Context, "io" | "settings" | "timer">,
  client: HermClient,
  { isWatch = false } = {},
): ReadOne {
  const isHasty = (io.stdoutIsTty || isWatch) && (flags.maxWaitMs ?? flags.timeoutMs) === undefined;
  if (!isHasty) return (read, signal) => read({ signal });
  const many = { underWay: 0, soonAnswers: 0, isApiThere: apiProbe(client) };
  return (read, signal) => new SilenceWatch(many, timer, signal).read(read);
}

/** Sends a small request; calls made at the same time share its response. */
function apiProbe(client: HermClient): (signal: AbortSignal | undefined) => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  const ask = async (signal: AbortSignal | undefined) => {
    try {
      await client.deployments.list({ limit: 1 }, { maxWaitMs: silenceMs - soonMs, signal });
      // The API responded, so that one silent deployment isn't mistaken for an outage.
      client.outageRetry?.noteAnswer("safe");
      return true;
    } catch {
      return false;
    } finally {
      asked = undefined;
    }
  };
  return (signal) => (asked ??= ask(signal));
}

interface SharedWatch {
  underWay: number;
  soonAnswers: number;
  isApiThere: ReturnType<typeof apiProbe>;
}

class SilenceWatch {
  readonly #gaveUp = new Error("gave up");
  readonly #all = new AbortController();
  /** Ends the waits between attempts, so that the last failure is thrown. */
  readonly #attempts = new AbortController();
  readonly #answersBefore: number;
  #failures = 0;
  #isSoon = true;
  /** True if the API also responded at the last check. After an outage, the deployment gets a second period. */
  #wasApiThere = true;
  #stopTimer = () => {};

  constructor(
    private readonly many: SharedWatch,
    private readonly timer: StartTimer,
    private readonly outer: AbortSignal | undefined,
  ) {
    this.#answersBefore = many.soonAnswers;
  }

  async read<Value>(read: (limits: Limits) => Promise<Value>): Promise<Value> {
    const { signal } = innerController(this.outer, this.#all.signal);
    this.many.underWay += 1;
    this.#wait();
    try {
      const onAnswer = ({ status }: { status: number }) => this.#onStatus(status);
      return await read({ signal, stopSignal: this.#attempts.signal, onAnswer });
    } catch (error) {
      if (error !== this.#gaveUp) throw error;
      throw new TimeoutError("no answer", {
        timeoutMs: silenceMs,
        neverArrived: false,
        isTotalTimeout: true,
      });
    } finally {
      this.many.underWay -= 1;
      this.#stopTimer();
      this.#all.abort();
    }
  }

  #wait(): void {
    this.#stopTimer = this.timer(soonMs, () => this.#ask());
  }

  /** Asks the API as well, because responses from others prove nothing if it has failed since then. */
  #ask(): void {
    this.#isSoon = false;
    let isApiThere = false;
    const { underWay, soonAnswers, isApiThere: ask } = this.many;
    if (soonAnswers > (underWay > 1 ? this.#answersBefore : 0))
      void ask(this.outer).then((isThere) => {
        isApiThere = isThere;
      });
    this.#stopTimer = this.timer(silenceMs - soonMs, () => {
      if (isApiThere && this.#wasApiThere) this.#giveUp();
      this.#wasApiThere = isApiThere;
      this.#wait();
    });
  }

  #giveUp(): void {
    if (this.#failures === 0 || this.#attempts.signal.aborted) this.#all.abort(this.#gaveUp);
    else if (this.#failures > 1) this.#attempts.abort(this.#gaveUp);
    // After a single failure, the request may just be waiting for its turn to be retried.
    else this.#failures += 1;
  }

  #onStatus(status: number): void {
    // A response that says to wait isn't silence.
    if (status >= 300 && status !== 429) {
      this.#failures += 1;
      return;
    }
    this.#stopTimer();
    if (this.#isSoon) this.many.soonAnswers += 1;
    this.#isSoon = false;
  }
}
