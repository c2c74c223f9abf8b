import { innerController } from "../abort.js";
import { AmbiguousError, HermError, type SentChange, UnchangedError } from "../errors.js";
import type { CallOptions, RequesterSettings } from "../request-options.js";
import type { AttemptsOutcome } from "./attempts.js";

export interface UndecidedChange<Stored, Value> {
  sent: SentChange;
  /** Milliseconds since 1970 of its first sending. */
  sentMs: number;
  failure: unknown;
  /** True where an attempt may take effect later: then no reading says that it didn't. */
  isLost: boolean;
  options: CallOptions;
  read(options: CallOptions): Promise<AttemptsOutcome<Stored>>;
  /** Gives what a reading decides: the change's value, false for that it isn't so, undefined for neither. */
  judge(reading: AttemptsOutcome<Stored>): Verdict<Value> | Promise<Verdict<Value>>;
}

type Verdict<Value> = { value: Value } | false | undefined;

/**
 * Decides by several readings whether a change took effect that was answered with what leaves it open. Throws UnchangedError
 * where it did not, AmbiguousError where no reading shows it, and where an attempt was lost, which is read for once at
 * most, when it is stopped.
 */
export async function decideByReading<Stored, Value>(
  clock: Pick<RequesterSettings, "monotonic" | "sleep">,
  { sent, sentMs, failure, isLost, options, read, judge }: UndecidedChange<Stored, Value>,
): Promise<Value> {
  const { beforeResend: _, ...limits } = options;
  const looking = { ...limits, maxWaitMs: longestLookMs };
  const lastMs = options.stopSignal?.aborted ? [0] : [];
  const afterMs = isLost ? lastMs : [0, ...laterLooksMs];
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
  if (isUnchanged && !isLost && failure instanceof HermError)
    throw new UnchangedError({ sent, cause: failure });
  throw new AmbiguousError({ sent, sentAt: new Date(sentMs), cause: failure });
}

/** Times of the looks after an answer that doesn't show what was sent (src/changes/README.md, "Reading back"). */
export const laterLooksMs: readonly number[] = [500, 1_500, 3_500];

export const longestLookMs = 5_000;

/**
 * Yields when it is time to look again: at these times from now on, and, where the signal aborts, once more at once, with
 * its reason.
 */
export async function* lookAgain(
  clock: Pick<RequesterSettings, "monotonic" | "sleep">,
  { afterMs, signal }: { afterMs: readonly number[]; signal: AbortSignal },
): AsyncGenerator<unknown> {
  const startMs = clock.monotonic();
  for (const each of afterMs) {
    const ms = startMs + each - clock.monotonic();
    const interruption =
      ms <= 0 ? undefined : await clock.sleep(ms, signal).catch((reason: unknown) => reason);
    yield interruption;
    if (interruption !== undefined) return;
  }
}
