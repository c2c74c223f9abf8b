import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { NothingFoundError, UsageError } from "../../errors/errors.js";
import { isDeploymentId } from "../../fleet/refs.js";
import {
  type DeploymentTarget,
  findDeployments,
  listDeployments,
  type Selection,
  selectDeployments,
  selectsDeployments,
  unknownDeploymentError,
} from "../../fleet/selection.js";
import { factSeparatorFor } from "../../output/style.js";
import { textOrDash } from "../../output/value-text.js";
import { heedsVariable, localProfile } from "../../settings/profile-name.js";

/** All deployments in place of no selection if none was chosen. */
export function widenSelection({ settings }: Context, selection: Selection): Selection {
  const isOpen = !selectsDeployments(selection) && settings.deployment() === undefined;
  return isOpen ? { ...selection, allDeployments: true } : selection;
}

/** The deployments of a selection; without a selector the one in use, or one that is asked for. */
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
  /** True where the command takes all of them too. */
  mayBeMany?: boolean;
  /** True where it is looked for by a name, which the deployment's can stand before. */
  isOfName?: boolean;
  /** What may be the name of one that isn't there, so that nobody is asked. */
  missing?: string | undefined;
}

/** The id of the one deployment to work on (src/settings/README.md); asked where somebody can be, else refused. */
export async function resolveDeployment(context: Context, options: Choosing = {}): Promise<string> {
  return (await currentDeployment(context)) ?? chooseDeployment(context, options);
}

/** The deployment in use; undefined where none was chosen. */
export async function currentDeployment(context: Context): Promise<string | undefined> {
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
  const everyone = await listDeployments(await context.client(), undefined, context.signal);
  const [only] = everyone;
  if (only === undefined) throw new NothingFoundError("there are no deployments");
  const mayBeOnly = context.settings.target().isLocal || (isOfName && context.call.effect === "reads");
  if (mayBeOnly && everyone.length === 1) return only.deployment_id;
  if (missing !== undefined)
    throw unknownDeploymentError(missing, everyone, "if that is part of the automation's name, give -d too");
  everyone.sort((one, other) => textOrDash(one.name).localeCompare(textOrDash(other.name)));
  if (!context.io.canPrompt) {
    const some = everyone.slice(0, 3).map(({ name, deployment_id: id }) => `${textOrDash(name)} (${id})`);
    throw new UsageError("no deployment chosen", {
      hint: `${waysToChoose(context, options)}: ${some.join(", ")}${everyone.length > 3 ? ", …" : ""}`,
    });
  }
  context.pickedDeployment = await context.prompts.pick({
    message: "Deployment",
    choices: everyone.map((deployment) => ({
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

/** Asks whether the picked deployment is to be used from now on, once a command succeeded. */
export async function offerToSave(
  context: Context,
  { deployment_id, name }: DeploymentSummary,
): Promise<void> {
  const profile = context.settings.profile().name;
  if (profile === localProfile) return;
  const message = `Use ${textOrDash(name)} from now on?`;
  // The command succeeded: no question after it makes a failure of that.
  if (!(await context.prompts.confirm({ message, default: false }).catch(() => false))) return;
  const { saveProfileField } = await import("../../settings/save.js");
  await saveProfileField(context.settings, { profile, field: "deployment", value: deployment_id });
}
