import { UsageError } from "../errors/errors.js";
import type { ApiIdentity } from "../history/incident-lines.js";
import type { LedgerState } from "./ledger-state.js";

/** Compares by the store's id for a local server, wherever it listens. */
export function isSameApi(one: ApiIdentity, other: ApiIdentity): boolean {
  if (one.store_id !== undefined || other.store_id !== undefined) return one.store_id === other.store_id;
  return one.origin === other.origin;
}

/** Throws UsageError where a ledger belongs to another API than the one in use. */
export function requireSameApi({ head }: LedgerState, api: ApiIdentity): void {
  if (isSameApi(head.target, api)) return;
  throw new UsageError(
    `incident ${head.incident} belongs to ${describeApi(head.target)}, not to ${describeApi(api)}`,
    { hint: `nothing was sent; its profile was "${head.target.profile}"` },
  );
}

export function describeApi({ origin, store_id }: ApiIdentity): string {
  return store_id === undefined ? origin : `the local server's store ${store_id}`;
}
