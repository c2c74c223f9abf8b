import type { IdPrefix } from "../ids.js";

/** The next of a row of numbers in [0, 1) that is the same each time. */
export type Draw = () => number;

/** A row of its own for each name (mulberry32). */
export function seededRandom(name: string): Draw {
  let state = 0;
  for (const letter of name) state = (Math.imul(state, 31) + letter.charCodeAt(0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An id as `newId` makes them. */
export function drawId(prefix: IdPrefix, draw: Draw): string {
  let id = `${prefix}_`;
  while (id.length < prefix.length + 13) id += Math.floor(draw() * 36).toString(36);
  return id;
}
