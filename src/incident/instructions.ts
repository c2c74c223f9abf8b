import { sha256 } from "../files/sha256.js";

/** What a ledger keeps of instructions: enough to see that they are others. White space at their end makes no difference. */
export function instructionsHash(instructions: unknown): string | undefined {
  if (typeof instructions !== "string") return undefined;
  return sha256(instructions.trimEnd());
}
