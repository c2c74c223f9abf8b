import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import { toUnrecordedError } from "../../files/file-error.js";
import { type HolderWords, untilReleased } from "../../files/lock.js";
import type { Printer } from "../../output/printer.js";

export interface HeldLock {
  /** Releases it; more than once is as once. */
  release(): void;
}

export interface LockWait {
  path: string;
  /** A line of the lock file for those who wait. */
  note?(): string;
  /** The text of what its holder does. */
  textOf(holder: HolderWords): string;
  printer: Pick<Printer, "note">;
}

const defaultWaitMs = 60_000;
/** Milliseconds without a note: a lock is held for a few requests. */
const quietMs = 1_000;

/**
 * Waits for a lock, with a note. Throws NotPossibleError after `--max-wait`, which names the holder; a killed holder's lock
 * is free.
 */
export async function waitForLock(
  context: Context,
  { path, note = () => "", textOf, printer }: LockWait,
): Promise<HeldLock> {
  const { files, flags } = context.settings;
  const { maxWaitMs = defaultWaitMs } = flags;
  const startedMs = context.monotonic();
  let isPrinted = false;
  const onHeld = (holder: HolderWords) => {
    const waitedMs = context.monotonic() - startedMs;
    const text = textOf(holder);
    if (waitedMs >= maxWaitMs) {
      throw new NotPossibleError(text, { hint: "run it again when that has ended; --max-wait waits longer" });
    }
    if (waitedMs >= quietMs && !isPrinted) {
      isPrinted = true;
      printer.note(`${text}: waiting`);
    }
  };
  const options = { waitMs: Number.POSITIVE_INFINITY, signal: context.signal, note, onHeld };
  try {
    return { release: await untilReleased((work) => files.withLock(path, work, options)) };
  } catch (error) {
    throw toUnrecordedError(error);
  }
}
