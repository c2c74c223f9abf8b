import type { Context } from "../../context.js";
import type { Progress } from "../../fleet/progress.js";
import type { Printer } from "../../output/printer.js";
import { openProgress } from "./progress.js";

const fewestShown = 10;

/** A bar on a terminal while much is read, one for each stage; elsewhere nothing. */
export class ReadingProgress {
  #progress: Progress | undefined;

  constructor(
    private readonly context: Pick<Context, "io" | "settings" | "signal" | "monotonic">,
    private readonly printer: Printer,
    private readonly options: { isSilent?: boolean } = {},
  ) {}

  start(stage: "deployments" | "automations" | "threads", count: number): void {
    this.finish();
    const isShown = this.context.io.stderrIsTty && count >= fewestShown && this.options.isSilent !== true;
    const total = isShown ? count : 0;
    this.#progress = openProgress(this.context, this.printer, { verb: `Reading ${stage}`, total });
  }

  item(): void {
    this.#progress?.item("", false);
  }

  finish(): void {
    this.#progress?.finish();
    this.#progress = undefined;
  }
}
