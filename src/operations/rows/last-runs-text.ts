import { counted } from "../../output/count.js";

/**
 * Says how far back the runs of the automation with the fewest are known, and of how many others not all are. `from`:
 * undefined where none is known. Plain text.
 */
export function lastRunsText(
  name: string,
  { runs, from, others }: { runs: number; from: string | undefined; others: number },
): string {
  const last = runs === 1 ? "last run" : `last ${runs} runs`;
  const known = from === undefined || runs === 0 ? "no run is known" : `${last} only, from ${from}`;
  const more = others === 0 ? "" : `; runs of ${counted(others, "other automation")} are incomplete`;
  return `${name}: ${known}${more}`;
}
