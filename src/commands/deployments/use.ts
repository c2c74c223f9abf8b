import { declareCommand, requestCodes } from "../../command/declaration.js";
import { flag, required } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { UsageError } from "../../errors/cli-errors.js";
import { findDeployments } from "../../fleet/selection.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { textOrDash } from "../../output/value-text.js";
import { localProfile } from "../../settings/profile-name.js";
import { saveProjectDeployment } from "../../settings/project-file.js";
import { saveProfileField } from "../../settings/save.js";

export const command = declareCommand({
  effect: "local",
  arguments: { ref: required("id|name", "an id or an exact name", { completes: "deployments" }) },
  flags: { here: flag("save the choice for this project, in ./.herm.json") },
  help: {
    about: "Choose the deployment that commands use, for your profile or, with --here, for this project.",
    use: "Run it once if you mostly use one deployment.",
    exitCodes: requestCodes({ 4: "no such deployment" }),
    examples: ["herm deployments use dep_7xK9s2", "herm deployments use dep_7xK9s2 --here"],
  },
  async run(context, { ref, here: isHere }): Promise<void> {
    if (context.settings.profile().name === localProfile) {
      throw new UsageError(`profile "${context.settings.profile().name}" can't save a deployment`, {
        hint: "choose one with -d",
      });
    }
    const client = await context.client();
    const [deployment] = await findDeployments(client, [ref], context.signal);
    if (deployment === undefined) return;
    const where = await useDeployment(context, { deployment_id: deployment.deployment_id, isHere });
    const printer = await createPrinter(context);
    await printOne(printer, {
      json: deployment,
      name: deployment.deployment_id,
      table: () => printer.line(safe(deployment.deployment_id, "cell")),
    });
    printer.note(`commands now work on "${textOrDash(deployment.name)}" (${where})`);
  },
});

/** Saves the deployment and returns where it was saved. */
async function useDeployment(
  context: Context,
  { deployment_id, isHere }: { deployment_id: string; isHere: boolean },
): Promise<string> {
  const { settings } = context;
  if (isHere) return saveProjectDeployment({ ...settings.environment, files: settings.files }, deployment_id);
  const profile = settings.profile().name;
  await saveProfileField(settings, { profile, field: "deployment", value: deployment_id });
  return `profile ${profile}`;
}
