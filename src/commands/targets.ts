import type { Automation } from "../api/types.js";
import { text, texts, yes } from "../command/flags.js";
import type { Context } from "../context.js";
import { NotFoundError, UsageError } from "../errors.js";
import { Excepts, refuseUnfitted } from "../fleet/except.js";
import { type AutomationRef, matchName, parseRef } from "../fleet/refs.js";
import { resolveRefs } from "../fleet/resolve-refs.js";
import {
  type DeploymentTarget,
  findDeployments,
  listDeployments,
  type Selection,
  selectDeployments,
  selectsDeployments,
} from "../fleet/selection.js";
import type { Printer } from "../output/printer.js";
import { told } from "../output/value-text.js";

/** One automation that a ref named, and as the server knew it when it was resolved. */
export interface ResolvedAutomation {
  deploymentId: string;
  automationId: string;
  /** From the list or the GET; absent when an id was taken as it is. */
  automation?: Automation;
}

/** The flags that choose deployments and automations; read them with `readSelection`. */
export const selectionFlags = {
  customer: text("id", "the deployments of one customer", { completes: "customers" }),
  allDeployments: yes("every deployment of the account"),
  match: text("glob", "automations whose name fits"),
  except: texts("id|glob", "leave out a deployment, customer, automation or name", {
    completes: "exceptions",
  }),
};

export interface SelectionFlags {
  customer?: string | undefined;
  allDeployments?: boolean;
  match?: string | undefined;
  except?: readonly string[];
}

export function readSelection(context: Pick<Context, "settings">, flags: SelectionFlags): Selection {
  return {
    deployments: context.settings.flags.deployments,
    ...(flags.customer === undefined ? {} : { customer: flags.customer }),
    allDeployments: flags.allDeployments === true,
    ...(flags.match === undefined ? {} : { match: flags.match }),
    except: new Excepts(flags.except ?? []),
  };
}

/**
 * Tells each `--except` that fitted nothing of what was read: for what only reads a mistyped one is no failure
 * (src/README.md, "Selections").
 */
export function warnOfUnfitted(printer: Pick<Printer, "warn">, { except }: Selection): void {
  for (const each of except.unfitted) printer.warn(`--except ${JSON.stringify(each)} fits nothing`);
}

/**
 * Where a command is to change something: throws NotFoundError for an `--except` that fitted nothing. Where not
 * everything could be read it may fit what couldn't, and is a warning.
 */
export function checkUnfitted(
  printer: Pick<Printer, "warn">,
  { except }: Selection,
  { isReadWhole, names }: { isReadWhole: boolean; names: readonly string[] },
): void {
  if (isReadWhole) refuseUnfitted(except, { where: "what was selected", names });
  for (const each of except.unfitted) {
    printer.warn(`--except ${JSON.stringify(each)} fits nothing that could be read`);
  }
}

/** The deployments of a selection; without a selector the one that the settings name, or that is asked for. */
export async function resolveDeployments(
  context: Context,
  selection: Selection,
): Promise<DeploymentTarget[]> {
  const client = await context.client();
  if (selectsDeployments(selection)) return selectDeployments(client, selection, context.signal);
  const only = await resolveDeployment(context);
  return selectDeployments(client, { ...selection, deployments: [only] }, context.signal);
}

/** The id of the one deployment to work on (src/settings/README.md); asked where somebody can be, else refused. */
export async function resolveDeployment(context: Context): Promise<string> {
  const { deployments } = context.settings.flags;
  if (deployments.length > 1)
    throw new UsageError("this command works on one deployment", { hint: "give -d once" });
  const choice = context.settings.deployment();
  const client = await context.client();
  if (choice !== undefined) {
    if (/^dep_\w+$/.test(choice.ref)) return choice.ref;
    const [deployment] = await findDeployments(client, [choice.ref], context.signal);
    if (deployment !== undefined) return deployment.deployment_id;
  }
  return chooseDeployment(context);
}

async function chooseDeployment(context: Context): Promise<string> {
  const client = await context.client();
  const everyone = await listDeployments(client, undefined, context.signal);
  const [only] = everyone;
  if (only === undefined) throw new NotFoundError("there are no deployments");
  if (context.settings.target().isLocal && everyone.length === 1) return only.deployment_id;
  if (!context.io.canPrompt) {
    const ids = everyone.slice(0, 5).map((deployment) => deployment.deployment_id);
    throw new UsageError("which deployment?", {
      hint: `give -d or set HERM_DEPLOYMENT: ${ids.join(", ")}${everyone.length > 5 ? ", …" : ""}`,
    });
  }
  const chosen = await context.prompts.pick({
    message: "Deployment",
    choices: everyone.map((deployment) => ({
      name: told(deployment.name),
      value: deployment.deployment_id,
      description: [told(deployment.status), told(deployment.customer_id), deployment.deployment_id].join(
        " · ",
      ),
    })),
  });
  await offerToKeep(context, chosen);
  return chosen;
}

async function offerToKeep(context: Context, deploymentId: string): Promise<void> {
  if (context.settings.target().isLocal) return;
  const isWished = await context.prompts.confirm({
    message: `Use ${deploymentId} from now on?`,
    default: false,
  });
  if (!isWished) return;
  const { useDeployment } = await import("./deployments/use.js");
  await useDeployment(context, { deploymentId, isHere: false });
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
    const resolved = await resolveIn(context, { ref, deploymentId, lists });
    found.set(`${deploymentId}/${resolved.automationId}`, resolved);
  }
  return [...found.values()];
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
  return resolveRefs(texts, places).map(({ deploymentId, automation }) => ({
    deploymentId,
    automationId: automation.automation_id,
    automation,
  }));
}

interface Lookup {
  ref: AutomationRef;
  deploymentId: string;
  lists: Map<string, Promise<Automation[]>>;
}

async function resolveIn(
  context: Context,
  { ref, deploymentId, lists }: Lookup,
): Promise<ResolvedAutomation> {
  if (ref.automationId !== undefined) return { deploymentId, automationId: ref.automationId };
  const list = lists.get(deploymentId) ?? listAutomations(context, deploymentId);
  lists.set(deploymentId, list);
  const automation = matchName(ref.name ?? "", await list, deploymentId);
  return { deploymentId, automationId: automation.automation_id, automation };
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
