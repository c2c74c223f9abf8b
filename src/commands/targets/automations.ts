import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { type AutomationRef, parseRef } from "../../fleet/refs.js";
import { resolveName, resolveRefs } from "../../fleet/resolve-refs.js";
import { findDeployments } from "../../fleet/selection.js";
import { resolveDeployment } from "./deployment.js";

/** One automation that a ref named, and as the server knew it when it was resolved. */
export interface ResolvedAutomation {
  deploymentId: string;
  /** Set where several deployments were named. */
  deploymentName?: string | undefined;
  automationId: string;
  /** From the list or the GET; absent when an id was taken as it is. */
  automation?: Automation;
}

/** Resolves one ref to its automation. An id without its deployment is looked for in the deployment in force. */
export async function resolveAutomation(context: Context, text: string): Promise<ResolvedAutomation> {
  const [resolved] = await resolveAutomations(context, [text]);
  if (resolved === undefined) throw new UsageError("give an automation: an id (auto_…) or an exact name");
  return resolved;
}

/** Resolves every ref before anything changes; each automation once, in the order given. */
export async function resolveAutomations(
  context: Context,
  texts: readonly string[],
): Promise<ResolvedAutomation[]> {
  const refs = texts.map(parseRef);
  if (context.settings.flags.deployments.length > 1) return resolveInSeveral(context, texts);
  const lists = new Map<string, Promise<Automation[]>>();
  const found = new Map<string, ResolvedAutomation>();
  let fallback: string | undefined;
  for (const ref of refs) {
    if (ref.deploymentId === undefined) fallback ??= await resolveDeployment(context);
    const deploymentId = ref.deploymentId ?? fallback ?? "";
    const automation = ref.automationId === undefined ? await named(ref, deploymentId) : undefined;
    const automationId = ref.automationId ?? automation?.automation_id ?? "";
    found.set(`${deploymentId}/${automationId}`, { deploymentId, automationId, automation });
  }
  return [...found.values()];

  async function named(ref: AutomationRef, deploymentId: string): Promise<Automation> {
    const list = lists.get(deploymentId) ?? listAutomations(context, deploymentId);
    lists.set(deploymentId, list);
    return resolveName(ref, { deploymentId, automations: await list });
  }
}

/** With several `-d` a name may fit one in each. */
async function resolveInSeveral(context: Context, texts: readonly string[]): Promise<ResolvedAutomation[]> {
  const client = await context.client();
  const deployments = await findDeployments(client, context.settings.flags.deployments, context.signal);
  const named = texts.flatMap((text) => parseRef(text).deploymentId ?? []);
  const ids = new Set([...deployments.map(({ deployment_id }) => deployment_id), ...named]);
  const places = await Promise.all(
    [...ids].map(async (deploymentId) => ({
      deploymentId,
      automations: await listAutomations(context, deploymentId),
    })),
  );
  const names = new Map(deployments.map(({ deployment_id, name }) => [deployment_id, name ?? undefined]));
  return resolveRefs(texts, places).map(({ deploymentId, automation }) => ({
    deploymentId,
    deploymentName: names.get(deploymentId),
    automationId: automation.automation_id,
    automation,
  }));
}

/** Reads every page of a deployment's automations. */
export async function listAutomations(context: Context, deploymentId: string): Promise<Automation[]> {
  const client = await context.client();
  const found: Automation[] = [];
  for await (const automation of client.automations.list(
    deploymentId,
    { limit: 100 },
    { signal: context.signal },
  )) {
    found.push(automation);
  }
  return found;
}
