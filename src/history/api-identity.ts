import type { HermClient } from "../api/client.js";
import type { Context } from "../context/context.js";
import { originOf } from "../settings/origin.js";
import type { ApiIdentity } from "./incident-lines.js";

/** The target's origin, and whether a local server may be there, which is known by its store. */
export function originInUse({ settings }: Pick<Context, "settings">): {
  origin: string;
  mayBeLocal: boolean;
} {
  const { baseUrl, isLocal } = settings.target();
  const origin = baseUrl === undefined ? "local" : originOf(baseUrl);
  // Plain http goes to this machine only, and so does the local server.
  return { origin, mayBeLocal: isLocal || origin.startsWith("http:") };
}

/** Identifies the target's API; asks a local server for its store. */
export async function readApiIdentity(context: Context, client: HermClient): Promise<ApiIdentity> {
  const { origin, mayBeLocal } = originInUse(context);
  if (!mayBeLocal) return { origin };
  const storeId = await client.storeId({ signal: context.signal });
  return storeId === undefined ? { origin } : { origin, store_id: storeId };
}
