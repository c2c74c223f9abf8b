import type { Herm } from "../../api/client.js";
import type { Context } from "../../context.js";
import type { ApiIdentity } from "../../incident/ledger-lines.js";
import { originOf } from "../../settings/origin.js";

/** Which API the target is; a local server is asked for its store. */
export async function readApiIdentity(context: Context, client: Herm): Promise<ApiIdentity> {
  const { baseUrl, isLocal } = context.settings.target();
  const origin = baseUrl === undefined ? "local" : originOf(baseUrl);
  // Plain http goes to this machine only, and so does the local server.
  if (!isLocal && !origin.startsWith("http:")) return { origin };
  const storeId = await client.storeId({ signal: context.signal });
  return storeId === undefined ? { origin } : { origin, store_id: storeId };
}
