import { innerController } from "../abort.js";
import {
  AmbiguousError,
  NotFoundError,
  RedirectError,
  type SentChange,
  UnchangedError,
  UnexpectedAnswerError,
} from "../errors.js";
import type { CallOptions, RequesterSettings } from "../request-options.js";
import type { AttemptsOutcome } from "./attempts.js";
import { laterLooksMs, longestLookMs, lookAgain } from "./look-again.js";
import { changedNothing } from "./retry.js";

export interface UndecidedChange<Stored, Value> {
  sent: SentChange;
  /** Milliseconds since 1970 of its first sending. */
  sentMs: number;
  failure: unknown;
  options: CallOptions;
  read(options: CallOptions): Promise<AttemptsOutcome<Stored>>;
  /** Gives what a reading decides: the change's value, false for that it isn't so, undefined for neither. */
  judge(reading: AttemptsOutcome<Stored>): Verdict<Value> | Promise<Verdict<Value>>;
}

type Verdict<Value> = { value: Value } | false | undefined;

/**
 * Decides by reading whether a change took effect: once after failures, several times after an answer that leaves it
 * open. Where it did not, throws UnchangedError after such an answer, else the failure; AmbiguousError where no reading
 * shows it.
 */
export async function decideByReading<Stored, Value>(
  clock: Pick<RequesterSettings, "monotonic" | "sleep">,
  { sent, sentMs, failure, options, read, judge }: UndecidedChange<Stored, Value>,
): Promise<Value> {
  const { beforeResend: _, ...limits } = options;
  const isOpen = leavesOpen(failure);
  const looking = isOpen ? { ...limits, maxWaitMs: longestLookMs } : limits;
  const afterMs = isOpen ? [0, ...laterLooksMs] : [0];
  const stop = innerController(options.signal, options.stopSignal);
  let isUnchanged = false;
  try {
    for await (const interruption of lookAgain(clock, { afterMs, signal: stop.signal })) {
      const verdict = await judge(await read(looking));
      if (typeof verdict === "object") return verdict.value;
      isUnchanged = verdict === false && interruption === undefined;
    }
  } finally {
    stop.abort();
  }
  if (!isUnchanged) throw new AmbiguousError({ sent, sentAt: new Date(sentMs), cause: failure });
  throw isOpen ? new UnchangedError({ sent, cause: failure }) : failure;
}

/** True for an answer that doesn't say what became of a change. */
function leavesOpen(failure: unknown): failure is UnexpectedAnswerError | NotFoundError | RedirectError {
  const isOdd = failure instanceof UnexpectedAnswerError || failure instanceof NotFoundError;
  return isOdd || (failure instanceof RedirectError && !changedNothing(failure));
}
