import { commandLine, flagWords, type TargetFlags } from "../../../command-line/next-command.js";
import type { ManifestSet } from "../../../manifest/read/manifest-set.js";
import { recordName } from "../../../manifest/record/choose.js";
import { selectionWords } from "../../../operations/selection/selection.js";
import type { ManifestOptions } from "../file-flags.js";

/** The command that takes what these files name into their record, or starts it. */
export function adoptCommand(
  context: TargetFlags,
  options: ManifestOptions,
  { record }: Pick<ManifestSet, "record">,
): string {
  const { selection, files, isRecursive, valueFiles, assignments } = options;
  const hasPlace = record.place !== undefined || record.found !== undefined;
  const { recordFile = hasPlace ? undefined : recordName } = options;
  return commandLine(context, [
    "adopt",
    ...files.flatMap((file) => flagWords("--file", file)),
    ...(isRecursive ? ["--recursive"] : []),
    ...valueFiles.flatMap((file) => flagWords("--values", file)),
    ...assignments.flatMap((assignment) => flagWords("--var", assignment)),
    ...(recordFile === undefined ? [] : flagWords("--record", recordFile)),
    ...selectionWords({ ...selection, except: selection.except.values }),
  ]);
}
