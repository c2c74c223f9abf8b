import type { Automation, DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Limits } from "../../fleet/patience.js";
import { type AutomationRef, parseRef, placesNamedBy } from "../../fleet/refs.js";
import { type RefPlace, resolveName, resolveRefs } from "../../fleet/resolve-refs.js";
import { findDeployments, listAll, listDeployments } from "../../fleet/selection.js";
import { deploymentInForce, resolveDeployment } from "./deployment.js";

/** One automation that a ref named, and as the server knew it when it was resolved. */
export interface ResolvedAutomation {
  deploymentId: string;
  /** What the deployment is called; absent where it was given by its id. */
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
  const places = new Places(context);
  if (context.settings.flags.deployments.length > 1) return resolveInSeveral(context, { refs, places });
  const found = new Map<string, ResolvedAutomation>();
  for (const ref of refs) {
    const resolved = await resolveOne(context, { ref, places });
    found.set(idsOf(resolved), resolved);
  }
  return [...found.values()];
}

/**
 * The refs with ids in place of `<deployment name>/…`, for what looks only into deployments that it knows by their ids.
 * Nothing is read where no ref may begin with a deployment's name.
 */
export async function spellOutRefs(context: Context, texts: readonly string[]): Promise<string[]> {
  const spelt: string[] = [];
  for (const text of texts) {
    if (placesNamedBy(parseRef(text)).length === 0) spelt.push(text);
    else for (const found of await resolveAutomations(context, [text])) spelt.push(idsOf(found));
  }
  return spelt;
}

/** The ref that means just this one, whatever is called so: `dep_…/auto_…`. */
function idsOf({
  deploymentId,
  automationId,
}: Pick<ResolvedAutomation, "deploymentId" | "automationId">): string {
  return `${deploymentId}/${automationId}`;
}

async function resolveOne(
  context: Context,
  { ref, places }: { ref: AutomationRef; places: Places },
): Promise<ResolvedAutomation> {
  const named = await places.namedBy([ref]);
  if (named.length > 0) return resolveNamed(context, { ref, places, named });
  const deploymentId = ref.deploymentId ?? (await places.inForce(placesNamedBy(ref)[0]?.deployment));
  if (ref.automationId !== undefined) return { deploymentId, automationId: ref.automationId };
  const automation = resolveName(ref, await places.of(deploymentId), await places.namesFor(ref));
  return { deploymentId, automationId: automation.automation_id, automation };
}

/** The deployment in force isn't asked for where the ref names one itself. */
async function resolveNamed(
  context: Context,
  { ref, places, named }: { ref: AutomationRef; places: Places; named: readonly DeploymentSummary[] },
): Promise<ResolvedAutomation> {
  const chosen = await deploymentInForce(context);
  const ids = new Set([...(chosen === undefined ? [] : [chosen]), ...named.map(idOf)]);
  const read = await places.read([...ids], { named, chosen: chosen === undefined ? [] : [chosen] });
  const [found] = resolveRefs([ref.text], read);
  if (found === undefined) throw new UsageError(`${JSON.stringify(ref.text)} names no automation`);
  return resolvedIn(read, found);
}

/** With several `-d` a name may fit one in each. */
async function resolveInSeveral(
  context: Context,
  { refs, places }: { refs: readonly AutomationRef[]; places: Places },
): Promise<ResolvedAutomation[]> {
  const client = await context.client();
  const chosen = await findDeployments(client, context.settings.flags.deployments, context.signal);
  const named = await places.namedBy(refs);
  const ids = new Set([...chosen, ...named].map(idOf));
  for (const { deploymentId } of refs) if (deploymentId !== undefined) ids.add(deploymentId);
  const read = await places.read([...ids], { named: [...chosen, ...named], chosen: chosen.map(idOf) });
  const texts = refs.map(({ text }) => text);
  return resolveRefs(texts, read).map((found) => resolvedIn(read, found));
}

function resolvedIn(
  places: readonly RefPlace[],
  { deploymentId, automation }: { deploymentId: string; automation: Automation },
): ResolvedAutomation {
  const place = places.find((each) => each.deploymentId === deploymentId);
  const deploymentName = place?.deploymentName ?? undefined;
  return { deploymentId, deploymentName, automationId: automation.automation_id, automation };
}

function idOf({ deployment_id }: DeploymentSummary): string {
  return deployment_id;
}

/** What refs are looked for in, each read once and only if it is needed. */
class Places {
  readonly #lists = new Map<string, Promise<Automation[]>>();
  #everyone: Promise<DeploymentSummary[]> | undefined;
  #inForce: Promise<string> | undefined;

  constructor(private readonly context: Context) {}

  /** The deployment that a ref without one means; asked for where it has to be, but not where one is `missing`. */
  inForce(missing?: string): Promise<string> {
    this.#inForce ??= resolveDeployment(this.context, { missing });
    return this.#inForce;
  }

  /** The deployments whose names stand before a slash of the refs. */
  async namedBy(refs: readonly AutomationRef[]): Promise<DeploymentSummary[]> {
    const names = new Set(refs.flatMap((ref) => placesNamedBy(ref).map(({ deployment }) => deployment)));
    if (names.size === 0) return [];
    return (await this.#deployments()).filter(({ name }) => names.has(name ?? ""));
  }

  /** What the beginning of the ref may have been meant for. */
  async namesFor(ref: AutomationRef): Promise<string[]> {
    if (placesNamedBy(ref).length === 0) return [];
    return (await this.#deployments()).flatMap(({ name }) => name ?? []);
  }

  async of(deploymentId: string): Promise<RefPlace> {
    const list = this.#lists.get(deploymentId) ?? listAutomations(this.context, deploymentId);
    this.#lists.set(deploymentId, list);
    return { deploymentId, automations: await list };
  }

  /** `chosen`: where refs are looked for that name no deployment. */
  read(
    deploymentIds: readonly string[],
    { named, chosen }: { named: readonly DeploymentSummary[]; chosen: readonly string[] },
  ): Promise<RefPlace[]> {
    const names = new Map(named.map(({ deployment_id, name }) => [deployment_id, name]));
    return Promise.all(
      deploymentIds.map(async (deploymentId) => ({
        ...(await this.of(deploymentId)),
        deploymentName: names.get(deploymentId),
        isOnlyNamed: !chosen.includes(deploymentId),
      })),
    );
  }

  #deployments(): Promise<DeploymentSummary[]> {
    this.#everyone ??= this.context
      .client()
      .then((client) => listDeployments(client, undefined, this.context.signal));
    return this.#everyone;
  }
}

/** Reads every page of a deployment's automations. */
export async function listAutomations(
  context: Context,
  deploymentId: string,
  limits: Limits = { signal: context.signal },
): Promise<Automation[]> {
  const { data } = await listAll(await context.client(), deploymentId, limits);
  return data;
}
