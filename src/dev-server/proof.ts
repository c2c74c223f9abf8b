import { createHmac } from "node:crypto";

/** A caller may ask the server to prove that it has the key, before it sends the key (owner.ts does). */
export const challengeHeader = "herm-challenge";
export const proofHeader = "herm-proof";

/** Answers a challenge at this host and port, as only a holder of the key can. */
export function prove(challenge: string, options: { apiKey: string; host: string }): string {
  return createHmac("sha256", options.apiKey).update(`${options.host} ${challenge}`).digest("hex");
}
