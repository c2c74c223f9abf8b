import type { Automation, AutomationRef, DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { UsageError } from "../../errors/errors.js";
import { type ParsedRef, parseRef, prefixReadings } from "../../fleet/refs.js";
import { type RefDeployment, resolveName, resolveRefs } from "../../fleet/resolve-refs.js";
import { findDeployments, listDeployments } from "../../fleet/selection.js";
import type { Limits } from "../../fleet/silent-deployments.js";
import { currentDeployment, resolveDeployment } from "./resolve-deployment.js";

export interface ResolvedAutomation extends AutomationRef {
  /** Missing where the deployment was given by its id. */
  deployment_name?: string | undefined;
  /** Missing where an id was taken as it is. */
  automation?: Automation;
}

/** Resolves a ref; an id without its deployment in the deployment in use. */
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
  const lookup = new RefLookup(context);
  const { deployments } = context.settings.flags;
  if (deployments.length > 1) {
    const chosen = await findDeployments(await context.client(), deployments, context.signal);
    return resolveAmong(lookup, { refs, chosen, named: await lookup.namedBy(refs) });
  }
  const found = new Map<string, ResolvedAutomation>();
  for (const ref of refs) {
    const resolved = await resolveOne(context, { ref, lookup });
    found.set(keyOf(resolved), resolved);
  }
  return [...found.values()];
}

/**
 * The refs with ids in place of `<deployment name>/…`, for what looks only into deployments that it knows by their ids.
 * Nothing is read where no ref may begin with a deployment's name.
 */
export async function canonicalRefs(context: Context, texts: readonly string[]): Promise<string[]> {
  const refs: string[] = [];
  for (const text of texts) {
    const isCanonical = prefixReadings(parseRef(text)).length === 0;
    refs.push(isCanonical ? text : keyOf(await resolveAutomation(context, text)));
  }
  return refs;
}

function keyOf({ deployment_id, automation_id }: ResolvedAutomation): string {
  return `${deployment_id}/${automation_id}`;
}

async function resolveOne(
  context: Context,
  { ref, lookup }: { ref: ParsedRef; lookup: RefLookup },
): Promise<ResolvedAutomation> {
  const named = await lookup.namedBy([ref]);
  if (named.length > 0) {
    // The deployment in force isn't asked for where the ref names one itself.
    const inForce = await currentDeployment(context);
    const chosen = inForce === undefined ? [] : [{ deployment_id: inForce }];
    const [found] = await resolveAmong(lookup, { refs: [ref], chosen, named });
    if (found !== undefined) return found;
  }
  if (await lookup.isEverywhere(ref)) {
    const { findEverywhere } = await import("./find-everywhere.js");
    const everyone = await lookup.everyone();
    return findEverywhere(context, ref, {
      everyone,
      listOf: async (id) => (await lookup.of(id)).automations,
    });
  }
  const deployment_id = ref.deployment_id ?? (await lookup.inForce(ref));
  if (ref.automation_id !== undefined) return { deployment_id, automation_id: ref.automation_id };
  const automation = resolveName(ref, await lookup.of(deployment_id), await lookup.namesFor(ref));
  return { deployment_id, automation_id: automation.automation_id, automation };
}

interface Among {
  refs: readonly ParsedRef[];
  chosen: readonly DeploymentSummary[];
  named: readonly DeploymentSummary[];
}

/** Resolves refs in several deployments, where a name may fit one in each. */
async function resolveAmong(
  lookup: RefLookup,
  { refs, chosen, named }: Among,
): Promise<ResolvedAutomation[]> {
  const names = new Map([...chosen, ...named].map(({ deployment_id, name }) => [deployment_id, name]));
  const ids = new Set([...names.keys(), ...refs.flatMap(({ deployment_id }) => deployment_id ?? [])]);
  const read = await Promise.all(
    [...ids].map(async (id) => {
      const isOnlyNamed = !chosen.some(({ deployment_id }) => deployment_id === id);
      return { ...(await lookup.of(id)), deployment_name: names.get(id), isOnlyNamed };
    }),
  );
  const texts = refs.map(({ text }) => text);
  return resolveRefs(texts, read).map(({ deployment_id, automation }) => {
    const deployment_name = names.get(deployment_id) ?? undefined;
    return { deployment_id, deployment_name, automation_id: automation.automation_id, automation };
  });
}

/** Reads what refs are looked for in, each once and only if needed. */
class RefLookup {
  readonly #lists = new Map<string, Promise<Automation[]>>();
  #everyone: Promise<DeploymentSummary[]> | undefined;
  #inForce: Promise<string> | undefined;

  constructor(private readonly context: Context) {}

  /** The deployment of a ref without one; asked for where needed, but not where one is missing. */
  inForce(ref: ParsedRef): Promise<string> {
    const missing = prefixReadings(ref)[0]?.deployment;
    const isOfName = ref.automation_id === undefined;
    this.#inForce ??= resolveDeployment(this.context, { missing, isOfName });
    return this.#inForce;
  }

  /** True for a bare name where no deployment is chosen, and there are several. */
  async isEverywhere(ref: ParsedRef): Promise<boolean> {
    const isBare = ref.deployment_id === undefined && ref.automation_id === undefined;
    const { settings, call, io } = this.context;
    if (!isBare || prefixReadings(ref).length > 0 || settings.deployment() !== undefined) return false;
    const mayLook = call.effect === "reads" || io.canPrompt;
    return mayLook && (await this.everyone()).length > 1;
  }

  /** The deployments whose names stand before a slash of the refs. */
  async namedBy(refs: readonly ParsedRef[]): Promise<DeploymentSummary[]> {
    const names = new Set(refs.flatMap((ref) => prefixReadings(ref).map(({ deployment }) => deployment)));
    if (names.size === 0) return [];
    return (await this.everyone()).filter(({ name }) => names.has(name ?? ""));
  }

  /** Names that the beginning of a ref may have meant. */
  async namesFor(ref: ParsedRef): Promise<string[]> {
    if (prefixReadings(ref).length === 0) return [];
    return (await this.everyone()).flatMap(({ name }) => name ?? []);
  }

  async of(deployment_id: string): Promise<RefDeployment> {
    const list = this.#lists.get(deployment_id) ?? listAutomations(this.context, deployment_id);
    this.#lists.set(deployment_id, list);
    return { deployment_id, automations: await list };
  }

  everyone(): Promise<DeploymentSummary[]> {
    this.#everyone ??= this.context
      .client()
      .then((client) => listDeployments(client, undefined, this.context.signal));
    return this.#everyone;
  }
}

export async function listAutomations(
  context: Context,
  deployment_id: string,
  limits: Limits = {},
): Promise<Automation[]> {
  const { listCurrentAutomations } = await import("../../fleet/read-fleet.js");
  const options = { signal: context.signal, ...limits };
  const { data } = await listCurrentAutomations(await context.client(), deployment_id, options);
  return data;
}
