import { createHash } from "node:crypto";

/** What a ledger keeps of instructions: enough to see that they are others. White space at their end makes no difference. */
export function instructionsHash(instructions: unknown): string | undefined {
  if (typeof instructions !== "string") return undefined;
  return createHash("sha256").update(instructions.trimEnd()).digest("hex");
}
