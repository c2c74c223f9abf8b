import { declareCommand } from "../../command/declaration.js";
import { createPrinter } from "../../output/printer.js";
import { chooseDataFile, dataFlags } from "./dev-flags.js";
import { printStatus } from "./dev-view.js";

export const command = declareCommand({
  effect: "reads",
  flags: dataFlags,
  help: {
    about: "Show whether a local server is running, its key file, and how long it stays up.",
    use: "Find the address of a background server.",
    examples: ["herm dev status", "herm dev status --example --output json"],
  },
  async run(context, choice): Promise<void> {
    const dataFile = chooseDataFile(context, choice);
    const { findOwner } = await import("../../dev-server/owner.js");
    const { serverPaths } = await import("../../dev-server/owner.js");
    const { askStatus, statusPath } = await import("../../dev-server/server-status.js");
    const { files } = context.settings;
    const owner = await findOwner(files, dataFile, statusPath);
    const status = owner && (await askStatus(owner));
    const keyFile = serverPaths(dataFile).key;
    const isSaved = owner !== undefined && files.read(keyFile)?.trim() === owner.apiKey;
    await printStatus(await createPrinter(context), {
      dataFile,
      owner,
      keyFile: isSaved ? keyFile : undefined,
      status,
      now: context.now(),
    });
  },
});
