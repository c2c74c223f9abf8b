import { onAbort } from "../../api/abort.js";

/** Tells the painter when the next frame is due. */
export class Repaint {
  #isDue = true;
  #wake: () => void = () => {};

  readonly due = (): void => {
    this.#isDue = true;
    this.#wake();
  };

  begin(): void {
    this.#isDue = false;
  }

  async next(over: AbortSignal): Promise<void> {
    if (this.#isDue || over.aborted) return;
    const leave = onAbort(over, () => this.#wake());
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    leave();
  }
}
