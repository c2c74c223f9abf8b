import { sha256 } from "../files/sha256.js";

/** Enough to see that instructions changed, but for white space at their end. */
export function instructionsHash(instructions: unknown): string | undefined {
  if (typeof instructions !== "string") return undefined;
  return sha256(instructions.trimEnd());
}
