import { join } from "node:path";
import type { Context } from "../context.js";

/** What a completion may offer of the server's. */
export interface KnownNames {
  automations: readonly string[];
  deployments: readonly string[];
}

const keptMs = 60_000;
const longestWaitMs = 700;

/**
 * The names of the automations of the deployment in force, and the ids of the deployments: as read within the last minute,
 * else read now within a moment, else as they were read last. Never throws: a completion that fails offers nothing.
 */
export async function knownNames(context: Context): Promise<KnownNames> {
  try {
    const { files, dataDir } = context.settings;
    const path = join(dataDir, "completion.json");
    const scope = `${context.settings.apiUrl() ?? "local"} ${context.settings.deployment()?.ref ?? ""}`;
    const kept = parse(files.read(path), scope);
    const age = context.now().getTime() - (kept?.at ?? 0);
    if (kept !== undefined && age >= 0 && age < keptMs) return kept;
    const fresh = await readNow(context).catch(() => undefined);
    if (fresh === undefined) return kept ?? none;
    files.write(path, JSON.stringify({ scope, at: context.now().getTime(), ...fresh }));
    return fresh;
  } catch {
    return none;
  }
}

const none: KnownNames = { automations: [], deployments: [] };

async function readNow(context: Context): Promise<KnownNames> {
  if (context.settings.target().isLocal) return none;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(longestWaitMs)]);
  const client = await context.client();
  const page = await client.deployments.list({ limit: 100 }, { signal });
  const deployments = page.data.map((deployment) => deployment.deployment_id);
  const chosen = context.settings.deployment()?.ref;
  const named = page.data.find((each) => each.deployment_id === chosen || each.name === chosen);
  const deploymentId = named?.deployment_id ?? (deployments.length === 1 ? deployments[0] : undefined);
  if (deploymentId === undefined) return { automations: [], deployments };
  const list = await client.automations.list(deploymentId, { limit: 100 }, { signal });
  return { automations: list.data.map((automation) => automation.name), deployments };
}

function parse(text: string | undefined, scope: string): (KnownNames & { at: number }) | undefined {
  if (text === undefined) return undefined;
  const kept: unknown = JSON.parse(text);
  if (typeof kept !== "object" || kept === null) return undefined;
  const { automations, deployments, at, scope: keptScope }: Partial<Record<string, unknown>> = { ...kept };
  if (keptScope !== scope || typeof at !== "number") return undefined;
  return isTexts(automations) && isTexts(deployments) ? { automations, deployments, at } : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
