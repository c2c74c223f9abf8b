import { declareCommand, requestCodes } from "../../command/declaration.js";
import { planRows } from "../manifest/file-flags.js";
import { adoptInput } from "./adopt-flags.js";

export const command = declareCommand({
  effect: "local",
  printsText: true,
  ...adoptInput,
  help: {
    about: "Record existing automations as yours, as if apply had created them, without changing them.",
    use: "Run it once to start the record that apply --prune needs, and again after restoring an automation. It records automations that match the manifests, and skips the customers' own.",
    inPipe: planRows,
    exitCodes: requestCodes({
      0: "done, or nothing to do",
      1: "you answered no",
      2: "a manifest or the record was refused, or no record is named",
      4: "a selector matches nothing, or the deployment to forget isn't in the record",
      6: "the deployment to forget is still visible, or the record belongs to another API, can't be written, or is still in use by another herm process after --max-wait",
      8: "some could not be read; the others are recorded, or nothing is forgotten",
    }),
    examples: [
      "herm adopt --file automations --dry-run",
      "herm adopt --file automations --all-deployments --yes",
    ],
  },
  async run(context, input): Promise<void> {
    const { adoptAutomations } = await import("./run-adopt.js");
    return adoptAutomations(context, input);
  },
});
