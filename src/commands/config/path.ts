import { declareCommand } from "../../command/declaration.js";
import { printFacts } from "../../output/facts.js";
import { createPrinter } from "../../output/printer.js";
import { configPath } from "../../settings/config-file.js";
import { credentialsPath } from "../../settings/credentials.js";

export const command = declareCommand({
  effect: "reads",
  help: {
    about: "Print where settings, keys and data are kept, and the project's file if there is one.",
    use: "To find a file, or why a setting is what it is. HERM_CONFIG_DIR and HERM_DATA_DIR move the folders.",
    examples: ["herm config path", "herm config path --output json"],
  },
  /** Prints the folders and files, whether they are there or not; `-o name` the config folder alone. */
  async run(context): Promise<void> {
    const { settings } = context;
    const paths = {
      config_dir: settings.configDir,
      config_file: configPath(settings.configDir),
      credentials_file: credentialsPath(settings.configDir),
      data_dir: settings.dataDir,
      project_file: settings.project()?.path ?? null,
    };
    const printer = await createPrinter(context);
    await printFacts(printer, {
      piped: Object.entries(paths),
      json: paths,
      name: settings.configDir,
    });
  },
});
