import type { Command } from "commander";
import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { configPath } from "../../settings/config-file.js";
import { credentialsPath } from "../../settings/credentials.js";
import { printFacts } from "./facts.js";

export function addConfigPathCommand(parent: Command, context: Context): void {
  parent.command("path").action(() => showPaths(context));
}

/** Prints the folders and files, whether they are there or not; `-o name` the config folder alone. */
export async function showPaths(context: Context): Promise<void> {
  const { settings } = context;
  const paths = {
    config_dir: settings.configDir,
    config_file: configPath(settings.configDir),
    credentials_file: credentialsPath(settings.configDir),
    data_dir: settings.dataDir,
    project_file: settings.project()?.path ?? null,
  };
  const printer = await createPrinter(context);
  await printFacts(printer, settings.output, {
    piped: Object.entries(paths),
    json: paths,
    name: settings.configDir,
  });
}
