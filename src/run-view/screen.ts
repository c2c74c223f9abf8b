import { styledWidth } from "../output/width.js";

export interface Terminal {
  write(text: string): Promise<void>;
  columns(): number;
}

/**
 * Owns the cursor while a run is on a terminal. Never touches what is above its own lines, and never hides the cursor:
 * there is nothing to restore.
 */
export class Screen {
  #live: readonly string[] = [];

  constructor(private readonly terminal: Terminal) {}

  /** Writes `permanent` lines and replaces the live ones in one write; none if nothing changed. */
  async paint(permanent: readonly string[], live: readonly string[]): Promise<void> {
    if (permanent.length === 0 && isSame(live, this.#live)) return;
    const text = this.#rewind() + [...permanent, ...live].map((line) => `${line}\n`).join("");
    this.#live = live;
    await this.terminal.write(text);
  }

  /** Clears the live lines for others. */
  clear(): Promise<void> {
    return this.paint([], []);
  }

  /**
   * Moves to the first live line; lines may take more rows since the terminal became narrower. The cursor rests below
   * them: some terminals don't fold its line.
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
