import { InterruptedError, QuietExit } from "../errors.js";

/** What a watch throws at Ctrl-C, which is how it is meant to end: the code of the interruption, without a word. */
export function watchEnd({ reason }: AbortSignal): unknown {
  return reason instanceof InterruptedError ? new QuietExit(reason.exitCode) : reason;
}
