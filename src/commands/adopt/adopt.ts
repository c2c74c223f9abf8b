import { declareCommand, requestCodes } from "../../command/declaration.js";
import { planRows } from "../manifest/file-flags.js";
import { adoptInput } from "./adopt-flags.js";

export const command = declareCommand({
  effect: "local",
  printsText: true,
  ...adoptInput,
  help: {
    about: "Record existing automations as yours, as if apply had created them, without changing them.",
    use: "Run it once to start the record that apply --prune needs, and again after an automation has been restored. It records automations that match the manifests, and skips the customers' own.",
    inPipe: planRows,
    exitCodes: requestCodes({
      0: "done, or nothing to do",
      1: "you answered no",
      2: "a manifest or the record was refused, or no record is named",
      4: "a selector matches nothing, or the record lacks what to forget",
      6: "what to forget can be seen, the record belongs to another API, can't be written, or is still in use by another herm after --max-wait",
      8: "some could not be read; the others are recorded, or none is forgotten",
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
