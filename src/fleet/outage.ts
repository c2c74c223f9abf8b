import { HermError } from "../api/errors.js";

/**
 * True when something failed because nothing succeeded for as long as requests are sent again
 * (src/api/retry/outage-retry.ts).
 */
export function isOutage(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof HermError && each.tried?.outageMs !== undefined) return true;
  }
  return false;
}
