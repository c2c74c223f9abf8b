import { onAbort } from "../../api/abort.js";

/** Whether there is something to paint, for who paints and waits for the next time. */
export class Repaint {
  #isDue = true;
  #wake: () => void = () => {};

  readonly due = (): void => {
    this.#isDue = true;
    this.#wake();
  };

  /** What comes from now on is to be painted by the next frame. */
  begin(): void {
    this.#isDue = false;
  }

  /** Resolves when something is to be painted, or when `over` aborts. */
  async next(over: AbortSignal): Promise<void> {
    if (this.#isDue || over.aborted) return;
    const leave = onAbort(over, () => this.#wake());
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    leave();
  }
}
