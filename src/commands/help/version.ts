import { declareCommand } from "../../command/declaration.js";
import { createPrinter, printOne } from "../../output/printer.js";

export const command = declareCommand({
  effect: "reads",
  help: {
    about: "Print the version, as herm --version and herm -v do.",
    use: "See which version you have.",
    inPipe: "version",
    examples: ["herm version", "herm version --output json"],
  },
  async run(context): Promise<void> {
    const { version } = context;
    const printer = await createPrinter(context);
    await printOne(printer, { json: { version }, name: version, table: () => printer.line(version) });
  },
});
