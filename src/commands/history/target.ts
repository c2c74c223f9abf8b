import type { Context } from "../../context.js";
import type { Change } from "../../history/change.js";
import { isSameApi } from "../../incident/identity.js";
import { originInUse } from "../fleet/identity.js";

const mostWaitMs = 2_000;

/**
 * Gives whether a change was sent to the target in use. It takes no key and starts nothing: a local server that isn't up
 * is known by its address alone.
 */
export async function currentTargetTest(
  context: Context,
): Promise<(change: Pick<Change, "target">) => boolean> {
  const { origin, mayBeLocal } = originInUse(context);
  const store_id = mayBeLocal ? await storeIfUp(context) : undefined;
  const api = { origin, store_id };
  const isByAddress = mayBeLocal && store_id === undefined;
  return ({ target }) => (isByAddress ? target.origin === origin : isSameApi(target, api));
}

async function storeIfUp(context: Context): Promise<string | undefined> {
  try {
    const client = await context.clientIfUp();
    return await client?.storeId({ signal: context.signal, maxWaitMs: mostWaitMs });
  } catch (error) {
    if (context.signal.aborted) throw error;
    return undefined;
  }
}
