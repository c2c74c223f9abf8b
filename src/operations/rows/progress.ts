import type { Context } from "../../context.js";
import type { Printer } from "../../output/printer.js";
import { createProgress, type Progress } from "./progress-bar.js";

const nothing = () => undefined;
const silent: Progress = {
  item: nothing,
  more: nothing,
  beside: (print) => print(),
  stopping: nothing,
  finish: nothing,
};

/**
 * Shows on stderr how far a work of many items is: a bar on a terminal, a line every few seconds where nothing can be drawn
 * over, nothing under `--quiet`. It hears of Ctrl-C by itself; call `finish` in a `finally`.
 */
export function openProgress(
  context: Pick<Context, "io" | "settings" | "signal" | "monotonic">,
  printer: Printer,
  { verb, total }: { verb: string; total: number },
): Progress {
  if (context.settings.flags.quiet || total === 0) return silent;
  const { io, signal } = context;
  const progress = createProgress({
    verb,
    total,
    kind: io.stderrIsTty && io.canRedraw ? "bar" : "now and then",
    columns: io.columns,
    write: printer.err,
    monotonic: () => context.monotonic(),
  });
  const stop = () => progress.stopping();
  signal.addEventListener("abort", stop, { once: true });
  return {
    item: (isFailure) => progress.item(isFailure),
    more: (count) => progress.more(count),
    beside: (print) => progress.beside(print),
    stopping: stop,
    finish: () => {
      signal.removeEventListener("abort", stop);
      progress.finish();
    },
  };
}

export type Stage = "deployments" | "automations" | "runs";

/** A bar on a terminal while much is read, one a stage; elsewhere nothing. */
export class ReadingProgress {
  #stage: Stage | undefined;
  #remaining = 0;
  #progress: Progress | undefined;

  constructor(
    private readonly context: Pick<Context, "io" | "settings" | "signal" | "monotonic">,
    private readonly printer: Printer,
    private readonly options: { isSilent?: boolean; fewestShown?: number } = {},
  ) {}

  /** Adds to what is to be read. */
  start(stage: Stage, count: number): void {
    if (stage !== this.#stage) this.finish();
    this.#stage = stage;
    this.#remaining += count;
    const { isSilent = false, fewestShown = 10 } = this.options;
    const isShown = this.context.io.stderrIsTty && !isSilent;
    if (this.#progress !== undefined) this.#progress.more(count);
    else if (isShown && this.#remaining >= fewestShown) {
      const options = { verb: `Reading ${stage}`, total: this.#remaining };
      this.#progress = openProgress(this.context, this.printer, options);
    }
  }

  item(isFailure = false): void {
    this.#remaining -= 1;
    this.#progress?.item(isFailure);
  }

  finish(): void {
    this.#progress?.finish();
    this.#progress = undefined;
    this.#stage = undefined;
    this.#remaining = 0;
  }
}
