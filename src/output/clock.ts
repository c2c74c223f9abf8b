const mostOffMs = 60_000;

/**
 * How far off this machine's clock is if it is `offMs` ahead of the server's (src/README.md, "The process"): `5 min
 * ahead of the server's`; undefined up to a minute.
 */
export async function clockProblem(offMs: number): Promise<string | undefined> {
  if (Math.abs(offMs) <= mostOffMs) return undefined;
  const { formatDuration } = await import("./duration.js");
  return `${formatDuration(Math.abs(offMs))} ${offMs < 0 ? "behind" : "ahead of"} the server's`;
}
