import { styledWidth } from "../output/width.js";

export interface Terminal {
  write(text: string): Promise<void>;
  /** Its width now: a person may have changed it since the last line. */
  columns(): number;
}

/**
 * The one owner of the cursor while a run is on a terminal: lines for good, and below them lines that it rewinds and
 * replaces. Nothing above its own lines is ever touched, and the cursor is never hidden, so there is nothing to restore.
 */
export class Screen {
  #live: readonly string[] = [];

  constructor(private readonly terminal: Terminal) {}

  /** Replaces the live lines: first `settled` for good, then `live`. One write; none if nothing changed. */
  async paint(permanent: readonly string[], live: readonly string[]): Promise<void> {
    if (permanent.length === 0 && isSame(live, this.#live)) return;
    const text = this.#rewind() + [...permanent, ...live].map((line) => `${line}\n`).join("");
    this.#live = live;
    await this.terminal.write(text);
  }

  /** Takes the live lines away and leaves the cursor where they began, free for others. */
  clear(): Promise<void> {
    return this.paint([], []);
  }

  /**
   * To the beginning of the live lines, which may be folded into more rows since the terminal became narrower. The
   * cursor rests below them: some terminals don't fold the line that it is in.
   */
  #rewind(): string {
    if (this.#live.length === 0) return "";
    const columns = Math.max(1, this.terminal.columns());
    const rows = this.#live.reduce((sum, line) => sum + rowsOf(line, columns), 0);
    return `\u001b[${rows}A\r\u001b[J`;
  }
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(styledWidth(line) / columns));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((line, at) => line === others[at]);
}
