import { declareCommand } from "../../command/declaration.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { askServer, dataFlags } from "./dev-flags.js";

export const command = declareCommand({
  effect: "local",
  flags: dataFlags,
  help: {
    about: "End all faults that a local server simulates.",
    use: "Run it after a rehearsal.",
    exitCodes: { 4: "no server uses this data" },
    examples: ["herm dev fault clear", "herm dev fault clear --example"],
  },
  async run(context, choice): Promise<void> {
    await askServer(context, choice, { method: "DELETE", path: "faults" });
    const printer = await createPrinter(context);
    await printOne(printer, {
      json: { cleared: true },
      table: async () => printer.note("no faults are simulated"),
    });
  },
});
