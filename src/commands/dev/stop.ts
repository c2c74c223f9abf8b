import { declareCommand } from "../../command/declaration.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { chooseDataFile, dataFlags } from "./dev-flags.js";

export const command = declareCommand({
  effect: "local",
  flags: dataFlags,
  help: {
    about: "Stop a local server in the background or in another terminal. Its data is kept.",
    use: "A server in the background also stops by itself when idle.",
    examples: ["herm dev stop", "herm dev stop --example"],
  },
  async run(context, choice): Promise<void> {
    const dataFile = chooseDataFile(context, choice);
    const { findOwner, stopOwner } = await import("../../dev-server/owner.js");
    const owner = await findOwner(context.settings.files, dataFile);
    if (owner) await stopOwner(owner, context.signal);
    const printer = await createPrinter(context);
    await printOne(printer, {
      json: { stopped: owner !== undefined, data: dataFile },
      table: async () =>
        printer.note(owner ? `stopped ${owner.url} (pid ${owner.pid})` : `no server uses ${dataFile}`),
    });
  },
});
