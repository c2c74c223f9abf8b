import { declareCommand } from "../../command/declaration.js";
import { required, text } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import { refuseEmpty } from "../../errors/cli-errors.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { flagsOfBuiltIn } from "../../settings/profile-name.js";
import { builtInProfile, chooseDataFile, dataFlags, findServer } from "./dev-flags.js";

const pollMs = 100;

export const command = declareCommand({
  effect: "local",
  arguments: { name: required("name", "the deployment's name") },
  flags: { ...dataFlags, customer: text("id", "the deployment's customer (default: cus_local)") },
  help: {
    about: "Create a deployment on a running local server, and wait until it is ready.",
    use: "Build your own fleet. Elsewhere, the platform creates deployments.",
    exitCodes: { 4: "no server uses this data" },
    examples: [
      'herm dev deployment "Acme EU" --customer cus_acme',
      'herm dev deployment "Acme US" --example',
    ],
  },
  async run(context, { name, customer, ...choice }): Promise<void> {
    refuseEmpty("the name", name);
    const { signal } = context;
    const { url, apiKey } = await findServer(context, choice);
    const client = await context.clientFor({ baseUrl: url, apiKey });
    const fields = { customer_id: customer ?? "cus_local", name, system_prompt: "You are a helpful agent." };
    let deployment = await client.deployments.create(fields, { signal });
    const { deployment_id } = deployment;
    while (deployment.status === "provisioning") {
      await context.sleep(pollMs, signal);
      deployment = await client.deployments.get(deployment_id, { signal });
    }
    const printer = await createPrinter(context);
    await printOne(printer, {
      json: deployment,
      name: deployment_id,
      table: () => printer.line(safe(deployment_id, "cell")),
    });
    const profile = builtInProfile(context, chooseDataFile(context, choice));
    if (profile === undefined) return;
    const flags = flagsOfBuiltIn(profile);
    printer.hint(
      `to create its first automation: ${commandLine({ settings: { flags } }, ["automations", "create", "-d", deployment_id])}`,
    );
  },
});
