import type { Context } from "../../context/context.js";
import { toUnrecordedError } from "../../files/file-error.js";
import { type LockOptions, untilReleased } from "../../files/lock.js";
import type { Printer } from "../../output/printer.js";

export interface HeldLock {
  /** Releases it; more than once is as once. */
  release(): void;
}

export interface LockWait extends Pick<LockOptions, "what" | "note" | "textOf"> {
  printer: Pick<Printer, "note">;
}

const defaultWaitMs = 60_000;
/** Milliseconds without a note: a lock is mostly held for a few requests. */
const quietMs = 1_000;

/** Waits for a lock until one holder has had it for `--max-wait`, with a note. A killed holder's lock is free. */
export function lockWait(context: Context, { printer, ...words }: LockWait): LockOptions {
  const { maxWaitMs = defaultWaitMs } = context.settings.flags;
  let isPrinted = false;
  return {
    ...words,
    signal: context.signal,
    monotonic: () => context.monotonic(),
    waitMs: maxWaitMs,
    waitHint: "--max-wait waits longer",
    onHeld: (text, waitedMs) => {
      if (waitedMs < quietMs || isPrinted) return;
      isPrinted = true;
      printer.note(`${text}: waiting`);
    },
  };
}

/** Waits as `lockWait` for a lock of the data folder. Throws NotPossibleError, which names the holder. */
export async function waitForLock(
  context: Context,
  { path, ...wait }: LockWait & { path: string },
): Promise<HeldLock> {
  const options = lockWait(context, wait);
  try {
    const release = await untilReleased((work) => context.settings.files.withLock(path, work, options));
    return { release };
  } catch (error) {
    throw toUnrecordedError(error);
  }
}
