const mostOffMs = 60_000;
/** Milliseconds up to which a difference is mere delay, including the second to which a Date is truncated. */
const leastMoveMs = 3_000;

/** How many ms a local server's clock was deliberately moved, given that this machine's is `offMs` ahead of it. */
export function clockShiftMs(offMs: number): number {
  return Math.abs(offMs) >= leastMoveMs ? -offMs : 0;
}

/** Describes a clock that is `offMs` ahead of the server's: `5 min ahead of the server's`; undefined up to 1 min. */
export async function clockProblem(offMs: number): Promise<string | undefined> {
  if (Math.abs(offMs) <= mostOffMs) return undefined;
  const { formatDuration } = await import("./duration.js");
  return `${formatDuration(Math.abs(offMs))} ${offMs < 0 ? "behind" : "ahead of"} the server's`;
}
