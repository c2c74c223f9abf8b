import { declareCommand } from "../../command/declaration.js";
import { column, pipedFields } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import { printList } from "../../output/print-list.js";
import { createPrinter } from "../../output/printer.js";
import { askServer, dataFlags } from "./dev-flags.js";
import { faultRow, type ShownFault } from "./fault.js";

const columns = ["fault", "requests", "count", "id"].map((key, index) =>
  column(key, (fault: ShownFault) => faultRow(fault)[index] ?? ""),
);

export const command = declareCommand({
  effect: "reads",
  flags: dataFlags,
  help: {
    about: "List the faults that a local server simulates, oldest first.",
    use: "See which faults are still active.",
    inPipe: pipedFields(columns),
    exitCodes: { 4: "no server uses this data" },
    examples: ["herm dev fault list", "herm dev fault list --example --output json"],
  },
  async run(context, choice): Promise<void> {
    const faults = await askServer(context, choice, { method: "GET", path: "faults" });
    await printList<ShownFault>(await createPrinter(context), {
      items: faults as ShownFault[],
      columns,
      json: (fault) => fault,
      name: ({ fault_id }) => fault_id,
      empty: "no faults are simulated",
      total: (count) => counted(count, "fault"),
    });
  },
});
