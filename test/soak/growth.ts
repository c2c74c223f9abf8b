import type { Claim } from "./claim.js";
import { growthOverLooks, growthOverReconnects, growthOverTokens } from "./growth-trials.js";

/** What is left behind costs more: a listener 200 bytes, with what it holds 9,000. */
const flatBytes = 150;

/** What was made for one look, connection or event goes with it. */
export async function soak(): Promise<Claim[]> {
  const often = { warmUp: 2_000, rounds: 2_000 };
  // The ids of the last 100,000 events are kept on purpose: what is compared has as many of them.
  const seldom = { warmUp: 300, rounds: 200 };
  return [
    claim("heap growth with each look of list --watch, in bytes", often, await growthOverLooks(often)),
    claim("heap growth with each reconnect of a stream, in bytes", often, await growthOverReconnects(often)),
    claim("heap growth with each thousand tokens, in bytes", seldom, await growthOverTokens(seldom)),
  ];
}

function claim(measure: string, { rounds }: { rounds: number }, bytes: number): Claim {
  return { measure, ours: `${Math.max(0, Math.round(bytes))}`, cases: 5 * rounds, ok: bytes < flatBytes };
}
