import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import { unrecorded } from "../../files/file-error.js";
import type { HolderWords } from "../../files/lock.js";
import type { Printer } from "../../output/printer.js";

/** Nobody else with this data folder does the same until it is released. */
export interface HeldLock {
  /** More than once is as once. */
  release(): void;
}

export interface LockWait {
  /** What is locked. */
  path: string;
  /** One line for those who wait. */
  note?(): string;
  /** What whoever has it does. */
  textOf(holder: HolderWords): string;
  printer: Pick<Printer, "note">;
}

const defaultWaitMs = 60_000;
/** A turn takes a few requests: a shorter wait is nobody's news. */
const quietMs = 1_000;

/**
 * Takes a lock. Waiting is told, and ends after `--max-wait` with NotPossibleError, which says who has it; a killed holder's
 * is free.
 */
export function waitForLock(
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
  return new Promise((resolve, reject) => {
    const whileHeld = () => new Promise<void>((release) => resolve({ release }));
    const options = { waitMs: Number.POSITIVE_INFINITY, signal: context.signal, note, onHeld };
    const lock = async () => files.withLock(path, whileHeld, options);
    lock().catch((error: unknown) => reject(unrecorded(error)));
  });
}
