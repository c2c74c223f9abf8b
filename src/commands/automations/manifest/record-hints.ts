import { commandLine, type TargetFlags } from "../../../command-line/next-command.js";
import { selectionWords } from "../../targets/selection.js";
import type { ManifestOptions } from "./flags.js";
import { fileWords } from "./repeat.js";

/** What starts a record with what the files find by name, or takes that into one. */
export function adoptCommand(context: TargetFlags, options: ManifestOptions): string {
  const { selection } = options;
  return commandLine(context, [
    "automations",
    "adopt",
    ...fileWords(options),
    ...selectionWords({ ...selection, except: selection.except.values }),
  ]);
}
