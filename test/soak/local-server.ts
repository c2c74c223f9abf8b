import { fireAtOnce, sizesOverDays } from "../dev-server/trials.js";
import type { Claim } from "./claim.js";

/** The local server with many runs due at once, and over weeks. */
export async function soak(): Promise<Claim[]> {
  const [few, many] = [4_000, 16_000];
  const less = await fireAtOnce(few);
  const more = await fireAtOnce(many);
  const growth = more.tookMs / many / (less.tookMs / few);
  const [days, runsADay] = [28, 50];
  const sizes = await sizesOverDays(days, runsADay);
  const grown = (week: number) => (sizes[7 * week + 6] ?? 0) - (sizes[7 * week - 1] ?? 0);
  const share = grown(3) / grown(0);
  return [
    {
      measure: "schedules due at once that don't fire exactly once",
      ours: String(many - more.firedOnce),
      cases: many,
      ok: more.firedOnce === many,
    },
    {
      measure: "the longest that the local server is silent meanwhile, in ms",
      ours: more.longestSilenceMs.toFixed(0),
      cases: many,
      ok: more.longestSilenceMs < 250,
    },
    {
      measure: "the time for each, against that of a quarter as many",
      ours: growth.toFixed(2),
      cases: many + few,
      ok: growth < 1.5,
    },
    {
      measure: "what its data file grows by in the fourth week, against the first",
      ours: share.toFixed(2),
      cases: days * runsADay,
      ok: share < 0.25,
    },
  ];
}
