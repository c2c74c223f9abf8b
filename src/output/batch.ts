/** Half of what a pipe holds, so that its reader has something to do while we make more. */
const mostPending = 32 * 1024;

/**
 * Joins many small writes: one write for each row of 200,000 costs twice the time. Goes out at the latest when the
 * process turns to its next input.
 */
export class Batch {
  #pending: string[] = [];
  #size = 0;
  /** Bytes that were written and not taken yet. */
  #leaving = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly write: (text: string) => Promise<void>) {}

  /** Waits only when enough has come together, or the reader is slow. */
  async add(text: string): Promise<void> {
    this.#pending.push(text);
    this.#size += text.length;
    if (this.#size + this.#leaving >= mostPending) return this.flush();
    this.#scheduled ??= setImmediate(() => void this.flush());
  }

  /** Call it in a `finally`: what was added before a failure is printed too. */
  async flush(): Promise<void> {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const text = this.#pending.join("");
    this.#pending = [];
    this.#size = 0;
    this.#leaving += text.length;
    await this.write(text);
    this.#leaving -= text.length;
  }
}

export async function writePages<Row>(
  { out }: { out(text: string): Promise<void> },
  pages: AsyncIterable<readonly Row[]>,
  text: (rows: readonly Row[]) => string,
): Promise<void> {
  const batch = new Batch(out);
  try {
    for await (const rows of pages) await batch.add(text(rows));
  } finally {
    await batch.flush();
  }
}
