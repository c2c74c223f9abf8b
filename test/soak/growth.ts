import type { Claim } from "./claim.js";
import { growthOverLooks, growthOverReconnects, growthOverTokens } from "./growth-trials.js";

/** A leak would cost more: a listener takes 200 bytes, or 9,000 with everything that it refers to. */
const flatBytes = 150;

/** Objects made for one read, connection or event are freed with it. */
export async function soak(): Promise<Claim[]> {
  const often = { warmUp: 2_000, rounds: 2_000 };
  // The ids of the last 100,000 events are kept on purpose, so all measurements have equally many.
  const seldom = { warmUp: 300, rounds: 200 };
  return [
    claim("heap growth per read of list --watch, in bytes", often, await growthOverLooks(often)),
    claim("heap growth per reconnect of a stream, in bytes", often, await growthOverReconnects(often)),
    claim("heap growth per thousand tokens, in bytes", seldom, await growthOverTokens(seldom)),
  ];
}

function claim(measure: string, { rounds }: { rounds: number }, bytes: number): Claim {
  return { measure, ours: `${Math.max(0, Math.round(bytes))}`, cases: 5 * rounds, ok: bytes < flatBytes };
}
