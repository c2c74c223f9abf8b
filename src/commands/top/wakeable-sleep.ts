import { innerController } from "../../api/abort.js";
import type { Context } from "../../context.js";

/** Sleeps that end early, also before they begin. */
export class WakeableSleep {
  #isOver = false;
  #end = () => {};

  constructor(
    private readonly context: Context,
    private readonly over: AbortSignal,
  ) {}

  readonly wake = (): void => {
    this.#isOver = true;
    this.#end();
  };

  /** Resolves after `ms`, at once where `wake` was called since the last sleep, and when `over` aborts. */
  async sleep(ms: number): Promise<void> {
    if (!this.#isOver) {
      const enough = innerController(this.over);
      this.#end = () => enough.abort();
      await this.context.sleep(ms, enough.signal).catch(() => {});
      enough.abort();
    }
    this.#isOver = false;
  }
}
