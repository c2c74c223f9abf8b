import { several } from "../../../command/arguments.js";
import { declareCommand } from "../../../command/declaration.js";
import { advanced, flag, text, under } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import { fileFlags, planRows } from "../manifest/flags.js";

const { prune: _prune, record: _record, ...flags } = fileFlags;

export const command = declareCommand({
  effect: "local",
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    ...flags,
    ...under("Files", {
      record: text("file", "the record (default: as the manifests say)", { completes: "files" }),
    }),
    ...under("Safety", {
      dryRun: flag("show what it would record, and write nothing"),
      yes: flag("don't ask"),
    }),
    ...under("Output", { verbose: advanced(flag("a row for every automation")) }),
  },
  help: {
    about: "Record existing automations as yours, as if apply had created them. Changes none of them.",
    use: "Once, to start the record that apply --prune needs; and for what undo or somebody else brought back. With --file and no refs it records what the manifests name, and skips the customers' own.",
    notes: "Without --file: refs, or a selection; -d alone means every automation there.",
    inPipe: planRows,
    exitCodes: requestCodes({
      0: "done, or nothing to do",
      1: "you answered no",
      2: "a manifest or the record was refused, or no record is named",
      4: "a ref or a selector matches nothing",
      6: "the record is another API's, can't be written, or another herm still has it after --max-wait",
      8: "some could not be read; the others are recorded",
    }),
    examples: [
      "herm automations adopt --file automations --record herm.lock.yaml --dry-run",
      'herm automations adopt "Weekly video variations" --record herm.lock.yaml --yes',
    ],
  },
  async run(context, input): Promise<void> {
    const { adoptAutomations } = await import("./run-adopt.js");
    return adoptAutomations(context, input);
  },
});
