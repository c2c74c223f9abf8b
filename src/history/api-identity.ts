import type { HermClient } from "../api/client.js";
import type { Context } from "../context/context.js";
import { originOf } from "../settings/origin.js";
import type { ApiIdentity } from "./incident-lines.js";

/** The origin of the target, and whether it may be a local server, which is identified by its store. */
export function originInUse({ settings }: Pick<Context, "settings">): {
  origin: string;
  mayBeLocal: boolean;
} {
  const { baseUrl, isLocal } = settings.target();
  const origin = baseUrl === undefined ? "local" : originOf(baseUrl);
  // Plain http reaches only this machine, and so only a local server.
  return { origin, mayBeLocal: isLocal || origin.startsWith("http:") };
}

/** Identifies the target's API; requests a local server's store id. */
export async function readApiIdentity(context: Context, client: HermClient): Promise<ApiIdentity> {
  const { origin, mayBeLocal } = originInUse(context);
  if (!mayBeLocal) return { origin };
  const storeId = await client.storeId({ signal: context.signal });
  return storeId === undefined ? { origin } : { origin, store_id: storeId };
}
