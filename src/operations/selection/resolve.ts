/** Resolves refs to automations, and selectors to deployments. */

import type { Automation, AutomationRef, DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { NothingFoundError, UsageError } from "../../errors/cli-errors.js";
import { isDeploymentId, type ParsedRef, parseRef, prefixReadings } from "../../fleet/refs.js";
import { type RefDeployment, resolveName, resolveRefs } from "../../fleet/resolve-refs.js";
import {
  type DeploymentTarget,
  findDeployments,
  listDeployments,
  type Selection,
  selectDeployments,
  selectsDeployments,
  unknownDeploymentError,
} from "../../fleet/selection.js";
import type { Limits } from "../../fleet/silent-deployments.js";
import { factSeparatorFor } from "../../output/style.js";
import { textOrDash } from "../../output/value-text.js";
import { heedsVariable, localProfile } from "../../settings/profile-name.js";

export interface ResolvedAutomation extends AutomationRef {
  /** Missing if the deployment was given by its id. */
  deployment_name?: string | undefined;
  /** Missing if an id was accepted unchecked. */
  automation?: Automation;
}

/** Resolves a ref; an id without a deployment belongs to the current one. */
export async function resolveAutomation(context: Context, text: string): Promise<ResolvedAutomation> {
  const [resolved] = await resolveAutomations(context, [text]);
  if (resolved === undefined) throw new UsageError("give an automation: an id (auto_…) or an exact name");
  return resolved;
}

/** Resolves all refs before any change, each automation once, in the given order. */
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
 * Returns the refs with ids instead of `<deployment name>/…`, for callers that know deployments by id. Reads nothing
 * if no ref can start with a deployment's name.
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
    // Doesn't ask which deployment to use if the ref itself names one.
    const current = await currentDeployment(context);
    const chosen = current === undefined ? [] : [{ deployment_id: current }];
    const [found] = await resolveAmong(lookup, { refs: [ref], chosen, named });
    if (found !== undefined) return found;
  }
  if (await lookup.isEverywhere(ref)) {
    const { findEverywhere } = await import("./find-everywhere.js");
    const existing = await lookup.existing();
    return findEverywhere(context, ref, {
      existing,
      listOf: async (id) => (await lookup.of(id)).automations,
    });
  }
  const deployment_id = ref.deployment_id ?? (await lookup.current(ref));
  if (ref.automation_id !== undefined) return { deployment_id, automation_id: ref.automation_id };
  const automation = resolveName(ref, await lookup.of(deployment_id), await lookup.namesFor(ref));
  return { deployment_id, automation_id: automation.automation_id, automation };
}

interface Among {
  refs: readonly ParsedRef[];
  chosen: readonly DeploymentSummary[];
  named: readonly DeploymentSummary[];
}

/** Resolves refs in several deployments, each of which may contain a name once. */
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

/** Reads the deployments and lists for refs, each once and only if needed. */
class RefLookup {
  readonly #lists = new Map<string, Promise<Automation[]>>();
  #existing: Promise<DeploymentSummary[]> | undefined;
  #current: Promise<string> | undefined;

  constructor(private readonly context: Context) {}

  /** Returns the current deployment for a ref without one; asks if needed, unless the ref names a missing one. */
  current(ref: ParsedRef): Promise<string> {
    const missing = prefixReadings(ref)[0]?.deployment;
    const isOfName = ref.automation_id === undefined;
    this.#current ??= resolveDeployment(this.context, { missing, isOfName });
    return this.#current;
  }

  /** True for a name alone if no deployment is chosen and there are several. */
  async isEverywhere(ref: ParsedRef): Promise<boolean> {
    const isBare = ref.deployment_id === undefined && ref.automation_id === undefined;
    const { settings, call, io } = this.context;
    if (!isBare || prefixReadings(ref).length > 0 || settings.deployment() !== undefined) return false;
    const mayLook = call.effect === "reads" || io.canPrompt;
    return mayLook && (await this.existing()).length > 1;
  }

  async namedBy(refs: readonly ParsedRef[]): Promise<DeploymentSummary[]> {
    const names = new Set(refs.flatMap((ref) => prefixReadings(ref).map(({ deployment }) => deployment)));
    if (names.size === 0) return [];
    return (await this.existing()).filter(({ name }) => names.has(name ?? ""));
  }

  /** Returns the names that the start of a ref may have meant. */
  async namesFor(ref: ParsedRef): Promise<string[]> {
    if (prefixReadings(ref).length === 0) return [];
    return (await this.existing()).flatMap(({ name }) => name ?? []);
  }

  async of(deployment_id: string): Promise<RefDeployment> {
    const list = this.#lists.get(deployment_id) ?? listAutomations(this.context, deployment_id);
    this.#lists.set(deployment_id, list);
    return { deployment_id, automations: await list };
  }

  existing(): Promise<DeploymentSummary[]> {
    this.#existing ??= this.context
      .client()
      .then((client) => listDeployments(client, undefined, this.context.signal));
    return this.#existing;
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

/** Selects all deployments if none was chosen or selected. */
export function widenSelection({ settings }: Context, selection: Selection): Selection {
  const isOpen = !selectsDeployments(selection) && settings.deployment() === undefined;
  return isOpen ? { ...selection, allDeployments: true } : selection;
}

/** The deployments of a selection; without a selector the current one, or the user's choice. */
export async function resolveDeployments(
  context: Context,
  selection: Selection,
): Promise<DeploymentTarget[]> {
  const client = await context.client();
  if (selectsDeployments(selection)) return selectDeployments(client, selection, context.signal);
  const only = await resolveDeployment(context, { mayBeMany: true });
  return selectDeployments(client, { ...selection, deployments: [only] }, context.signal);
}

interface Choosing {
  /** True if the command also accepts all deployments. */
  mayBeMany?: boolean;
  /** True if the automation is given by its name, which may follow the deployment's. */
  isOfName?: boolean;
  /** A name that may be a missing deployment's; if set, the user isn't asked. */
  missing?: string | undefined;
}

/** Returns the id of the one deployment to work on (src/settings/README.md); asks if a terminal permits it. */
export async function resolveDeployment(context: Context, options: Choosing = {}): Promise<string> {
  return (await currentDeployment(context)) ?? chooseDeployment(context, options);
}

/** The deployment in use; undefined if none was chosen. */
async function currentDeployment(context: Context): Promise<string | undefined> {
  const choice = context.settings.deployment();
  const client = await context.client();
  if (choice === undefined || isDeploymentId(choice.ref)) return choice?.ref;
  try {
    const [deployment] = await findDeployments(client, [choice.ref], context.signal);
    return deployment?.deployment_id;
  } catch (error) {
    if (!(error instanceof NothingFoundError) || choice.source === "-d") throw error;
    const source = choice.source === "profile" ? `profile ${context.settings.profile().name}` : choice.source;
    throw new NothingFoundError(`${error.message} (${source})`, { hint: error.hint });
  }
}

async function chooseDeployment(context: Context, options: Choosing): Promise<string> {
  if (context.pickedDeployment !== undefined) return context.pickedDeployment.deployment_id;
  const { missing, isOfName = false } = options;
  const existing = await listDeployments(await context.client(), undefined, context.signal);
  const [only] = existing;
  if (only === undefined) throw new NothingFoundError("there are no deployments");
  const mayBeOnly = context.settings.target().isLocal || (isOfName && context.call.effect === "reads");
  if (mayBeOnly && existing.length === 1) return only.deployment_id;
  if (missing !== undefined)
    throw unknownDeploymentError(missing, existing, "if the slash is part of its name, also give -d");
  existing.sort((one, other) => textOrDash(one.name).localeCompare(textOrDash(other.name)));
  if (!context.io.canPrompt) {
    const some = existing.slice(0, 3).map(({ name, deployment_id: id }) => `${textOrDash(name)} (${id})`);
    throw new UsageError("no deployment chosen", {
      hint: `${waysToChoose(context, options)}: ${some.join(", ")}${existing.length > 3 ? ", …" : ""}`,
    });
  }
  context.pickedDeployment = await context.prompts.pick({
    message: "Deployment",
    choices: existing.map((deployment) => ({
      name: textOrDash(deployment.name),
      value: deployment,
      description: [
        textOrDash(deployment.status),
        textOrDash(deployment.customer_id),
        deployment.deployment_id,
      ].join(factSeparatorFor(context)),
    })),
  });
  return context.pickedDeployment.deployment_id;
}

function waysToChoose(context: Context, { mayBeMany = false, isOfName = false }: Choosing): string {
  const given = [
    "-d",
    ...(mayBeMany ? ["--all-deployments"] : []),
    ...(isOfName ? ["<deployment>/<name>"] : []),
  ];
  if (!heedsVariable(context.settings.profile())) return `give ${given.join(" or ")}`;
  return `give ${given.join(", ")}${given.length > 1 ? "," : ""} or set HERM_DEPLOYMENT`;
}

/** Once a command has succeeded, asks whether to use the picked deployment from now on. */
export async function offerToSave(
  context: Context,
  { deployment_id, name }: DeploymentSummary,
): Promise<void> {
  const profile = context.settings.profile().name;
  if (profile === localProfile) return;
  const message = `Use ${textOrDash(name)} from now on?`;
  // Whatever happens to the question, the command has succeeded.
  if (!(await context.prompts.confirm({ message, default: false }).catch(() => false))) return;
  const { saveProfileField } = await import("../../settings/save.js");
  await saveProfileField(context.settings, { profile, field: "deployment", value: deployment_id });
}
