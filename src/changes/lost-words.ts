import { type AmbiguousError, ConnectionError, TimeoutError } from "../api/errors.js";
import { InterruptedError } from "../errors.js";

/** The reason why the answer was lost; all that is known is that the request went out. */
export function lossOf({ cause }: AmbiguousError): string {
  if (cause instanceof ConnectionError) return "the connection broke after the request was sent";
  if (cause instanceof TimeoutError) return "the request was sent, but no whole answer came in time";
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return `the request was sent, but its answer doesn't say whether it took effect${why}`;
}

export function unknownText(error: AmbiguousError, foundIds: readonly string[]): string {
  if (foundIds.length === 0) return `${error.message}; it didn't show up within 15 s`;
  return `${error.message}; several match: ${foundIds.join(", ")}`;
}

/** Adds the command that checks, where Ctrl-C came before it was known. */
export function interrupted(reason: unknown, check: string): unknown {
  if (!(reason instanceof InterruptedError)) return reason;
  return new InterruptedError(
    reason.signal,
    `interrupted before it was known whether the request took effect: ${check}`,
  );
}
