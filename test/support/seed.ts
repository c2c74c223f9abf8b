import { randomInt } from "node:crypto";
import { safe } from "../../src/output/safe.js";

const usual = 20_261;
/** A seed that fast-check accepts unchanged. */
const most = 2 ** 31 - 1;

/** The seed in `HERM_SEED`, once it is chosen; undefined: the usual one. */
export function givenSeed(): number | undefined {
  const { HERM_SEED: text = "" } = process.env;
  return text === "" ? undefined : Number(text);
}

/** The seed for all random choices in tests. */
export function seed(): number {
  return givenSeed() ?? usual;
}

/** True in `npm run test:random`, which is about chance. */
export function isRandom(): boolean {
  return process.env.HERM_TEST_MODE === "random";
}

/** True if the draws are those of every `npm test`, so that their result is certain. */
export function drawsAsUsual(): boolean {
  return seed() === usual && !isRandom();
}

/**
 * Reads `HERM_SEED` before anything runs. If it is `random`, or empty in `test:random`, draws a seed, prints it, and
 * sets it for the workers. Exits with 2 for any other word.
 */
export function settleSeed(mode = "test"): void {
  process.env.HERM_TEST_MODE = mode;
  const text = process.env.HERM_SEED || (isRandom() ? "random" : "");
  if (text === "random") {
    process.env.HERM_SEED = String(randomInt(most + 1));
    console.log(seedLine());
  } else if (!/^\d*$/.test(text) || Number(text) > most) {
    console.error(
      `HERM_SEED is ${safe(JSON.stringify(text.slice(0, 80)), "cell")}: set it to a whole number from 0 to ${most}, or to random`,
    );
    process.exit(2);
  }
}

/** The setting that repeats a run's random choices. */
export function seedLine(): string {
  return `HERM_SEED=${seed()} repeats what was drawn`;
}

/** Returns a whole number from 0 up to, but not including, the given one. */
export type Draw = (below: number) => number;

/** Draws that are always the same for a seed and a use, whatever ran before. */
export function drawOf(use: string): Draw {
  let mixed = seed();
  for (const character of use) mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  const random = seeded(mixed);
  return (below) => Math.floor(random() * below);
}

/** Numbers in [0, 1) that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
