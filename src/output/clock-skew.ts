const mostOffMs = 60_000;
/** Less is the way there, and the second that a Date is cut to. */
const leastMoveMs = 3_000;

/** How far a local server's clock was moved on purpose, if this machine's is `offMs` ahead of it. */
export function clockShiftMs(offMs: number): number {
  return Math.abs(offMs) >= leastMoveMs ? -offMs : 0;
}

/**
 * How far off this machine's clock is if it is `offMs` ahead of the server's (src/README.md, "The process"): `5 min
 * ahead of the server's`; undefined up to a minute.
 */
export async function clockProblem(offMs: number): Promise<string | undefined> {
  if (Math.abs(offMs) <= mostOffMs) return undefined;
  const { formatDuration } = await import("./duration.js");
  return `${formatDuration(Math.abs(offMs))} ${offMs < 0 ? "behind" : "ahead of"} the server's`;
}
