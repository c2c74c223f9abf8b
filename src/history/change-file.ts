import { rmSync } from "node:fs";
import { ignoreErrors } from "../files/file-error.js";
import { untilReleased } from "../files/lock.js";
import type { LogFile } from "../files/log-file.js";
import type { ChangeHead, ItemOutcome, NewItem } from "./change.js";
import type { ChangeLine } from "./change-lines.js";
import { forgetOldestChanges, type HistoryStorage, newPathOfChange } from "./folder.js";
import { ChangeItemLines, changeHeadLine, formatChangeLines } from "./parse.js";
import { markSending } from "./recent.js";

/** The file of a change in progress (src/history/README.md), created with the first item. */
export class ChangeFile {
  #path: string | undefined;
  readonly #items = new ChangeItemLines();
  #log: LogFile | undefined;
  #count = 0;
  #failure: { error: unknown } | undefined;
  #lost: { error: unknown } | undefined;
  #lock: Promise<() => void> | undefined;

  constructor(
    private readonly storage: HistoryStorage,
    private readonly head: ChangeHead,
  ) {}

  /**
   * Adds items and returns their numbers in the same order, once the items are on disk; concurrent calls share one
   * flush. If it throws FileError, the items must not be sent, and the file accepts no more.
   */
  async add(items: readonly NewItem[]): Promise<number[]> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const first = this.#count + 1;
    this.#count += items.length;
    const numbers = items.map((_, at) => first + at);
    try {
      this.#lock ??= this.#takeLock();
      await this.#lock;
      const log = this.#open(this.#items.of(items, first));
      await log.flush();
      return numbers;
    } catch (error) {
      this.#failure ??= { error };
      for (const number of numbers) this.#note({ outcome: number, at: this.head.at, result: "skipped" });
      throw error;
    }
  }

  /**
   * Records that an item is about to be sent, or sent again; the line outlives this process, and is soon on the disk.
   * If it throws FileError, the item must not be sent.
   */
  sending(line: Extract<ChangeLine, { sending: number }>): void {
    this.#log?.append(formatChangeLines([line]));
    markSending(this.storage);
  }

  /** Records an outcome. Never throws, because the item has already been sent. */
  outcome(number: number, at: Date, outcome: ItemOutcome): void {
    this.#note({ outcome: number, at: at.toISOString(), ...outcome });
  }

  /**
   * Ends the change, so that items without an outcome count as never sent, and removes the oldest changes from the
   * history. Throws FileError if an outcome may be missing.
   */
  async close(at: Date): Promise<void> {
    try {
      this.#closeLog(at);
    } finally {
      await this.#lock?.then(
        (release) => release(),
        () => undefined,
      );
    }
  }

  #closeLog(at: Date): void {
    const log = this.#log;
    if (log === undefined) return;
    this.#note({ ended: true, at: at.toISOString() });
    this.#log = undefined;
    try {
      log.close();
    } catch (error) {
      this.#lost ??= { error };
    } finally {
      forgetOldestChanges(this.storage);
    }
    // `add` already threw an earlier failure.
    if (this.#lost !== undefined && this.#failure === undefined) throw this.#lost.error;
  }

  #placed(): string {
    this.#path ??= newPathOfChange(this.storage, this.head);
    return this.#path;
  }

  /** Locks the file until it is closed, to show that its sender is alive. */
  async #takeLock(): Promise<() => void> {
    const path = this.#placed();
    return untilReleased((work) => this.storage.files.withLock(path, work, { waitMs: 0 }));
  }

  #open(lines: readonly ChangeLine[]): LogFile {
    if (this.#log !== undefined) {
      this.#log.append(formatChangeLines(lines));
      return this.#log;
    }
    const path = this.#placed();
    const log = this.storage.files.log(path);
    try {
      log.append(formatChangeLines([changeHeadLine(this.head), ...lines]));
    } catch (error) {
      ignoreErrors(() => log.close());
      // Readers ignore a file without a head anyway.
      ignoreErrors(() => rmSync(path, { force: true }));
      throw error;
    }
    this.#log = log;
    return log;
  }

  /**
   * Writes at once, because other processes may be waiting for the line. An item whose outcome can't be written counts
   * as unknown; readers that need its outcome ask the server.
   */
  #note(line: ChangeLine): void {
    try {
      this.#log?.append(formatChangeLines([line]));
      markSending(this.storage);
    } catch (error) {
      this.#lost ??= { error };
    }
  }
}
