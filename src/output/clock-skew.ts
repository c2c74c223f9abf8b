const mostOffMs = 60_000;
/** A difference below this many milliseconds is only delay, including the fraction of a second that a Date drops. */
const leastMoveMs = 3_000;

/** How many ms a local server's clock was deliberately moved, if this machine's clock is `offMs` ahead of it. */
export function clockShiftMs(offMs: number): number {
  return Math.abs(offMs) >= leastMoveMs ? -offMs : 0;
}

/** Describes a clock `offMs` ahead of the server's: `5 min ahead of the server's`; undefined for up to a minute. */
export async function clockProblem(offMs: number): Promise<string | undefined> {
  if (Math.abs(offMs) <= mostOffMs) return undefined;
  const { formatDuration } = await import("./duration.js");
  return `${formatDuration(Math.abs(offMs))} ${offMs < 0 ? "behind" : "ahead of"} the server's`;
}
