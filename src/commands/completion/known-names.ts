import { join } from "node:path";
import { innerController } from "../../api/abort.js";
import type { HermClient } from "../../api/client.js";
import { isObject } from "../../api/json.js";
import type { Context } from "../../context.js";
import { automationPages } from "../../fleet/lists.js";
import { take } from "../../fleet/prefetch.js";

export interface KnownNames {
  /** Automations of the deployment in use, else of all. */
  automations: readonly { id: string; name: string; deployment_id: string }[];
  deployments: readonly { id: string; name: string; customer: string }[];
}

interface CachedNames extends KnownNames {
  scope: string;
  /** Milliseconds since 1970 until which the server isn't asked again. */
  freshUntil: number;
}

const cachedMs = 60_000;
/** Milliseconds until a server that is gone is asked again. */
const restMs = 10_000;
const longestWaitMs = 700;
const most = 1_000;
const mostDeployments = 50;
const none: KnownNames = { automations: [], deployments: [] };

/**
 * Names as read within the last minute, else read now within a moment, else as read last. Never throws, and never
 * starts a server.
 */
export async function knownNames(context: Context): Promise<KnownNames> {
  try {
    const { dataDir } = context.settings;
    const { isLocal, keyProblem } = context.settings.target();
    if (!isLocal && keyProblem !== undefined) return none;
    const path = join(dataDir, "completion.json");
    const scope = `${context.settings.apiUrl() ?? context.settings.profile().name} ${context.settings.deployment()?.ref ?? ""}`;
    const cached = cachedNames(context, path, scope);
    const now = context.now().getTime();
    if (cached !== undefined && now < cached.freshUntil && cached.freshUntil <= now + cachedMs) return cached;
    const fresh = await readNow(context).catch(() => undefined);
    const isRead = fresh !== undefined;
    const known = fresh ?? cached ?? none;
    const { automations, deployments } = known;
    const freshUntil = now + (isRead ? cachedMs : restMs);
    cache(context, path, { scope, freshUntil, automations, deployments });
    return known;
  } catch {
    return none;
  }
}

async function readNow(context: Context): Promise<KnownNames | undefined> {
  const client = await context.clientIfUp();
  if (client === undefined) return undefined;
  const asking = innerController(context.signal, AbortSignal.timeout(longestWaitMs));
  try {
    return await askFor(client, { chosen: context.settings.deployment()?.ref, signal: asking.signal });
  } finally {
    asking.abort();
  }
}

async function askFor(
  client: HermClient,
  { chosen, signal }: { chosen: string | undefined; signal: AbortSignal },
): Promise<KnownNames> {
  const deployments = [];
  for await (const each of take(client.deployments.list({ limit: 100 }, { signal }), most)) {
    deployments.push({ id: each.deployment_id, name: each.name ?? "", customer: each.customer_id ?? "" });
  }
  const named = deployments.filter(
    ({ id, name }) => chosen === undefined || id === chosen || name === chosen,
  );
  const lists = await Promise.allSettled(
    named.slice(0, mostDeployments).map(async ({ id: deployment_id }) => {
      const found: KnownNames["automations"][number][] = [];
      for await (const { data } of automationPages(client, deployment_id, { signal })) {
        found.push(...data.map(({ automation_id: id, name }) => ({ id, name: name ?? "", deployment_id })));
        if (found.length >= most) break;
      }
      return found.slice(0, most);
    }),
  );
  // What isn't read in time is left out, but for a lone deployment, of which the last reading is better.
  const [first] = lists;
  if (lists.length === 1 && first?.status === "rejected") throw first.reason;
  const automations = lists.flatMap((list) => (list.status === "fulfilled" ? list.value : []));
  return { automations: automations.slice(0, most), deployments };
}

function cachedNames({ settings }: Context, path: string, scope: string): CachedNames | undefined {
  try {
    const cached: unknown = JSON.parse(settings.files.read(path) ?? "null");
    return isObject(cached) && cached.scope === scope ? (cached as unknown as CachedNames) : undefined;
  } catch {
    return undefined;
  }
}

function cache({ settings }: Context, path: string, names: CachedNames): void {
  try {
    settings.files.write(path, JSON.stringify(names));
  } catch {
    // A disk that can't be written: they are read anew each time.
  }
}
