import { commandLine, flag, type TargetFlags } from "../../../command-line/next-command.js";
import { isSkipReason } from "../../../fleet/execute.js";
import type { ManifestOptions } from "./flags.js";
import type { ChangeRow } from "./rows.js";

export interface RepeatOptions extends ManifestOptions {
  resumePaused: boolean;
  removeTwins: boolean;
  yes: boolean;
  /** Absent: 5. */
  maxDeletes?: number;
}

/** The command that applies again only where something failed; nothing where nothing did. */
export function repeatCommand(
  context: TargetFlags,
  { options, rows }: { options: RepeatOptions; rows: readonly ChangeRow[] },
): string | undefined {
  const failed = rows.filter(
    ({ result, reason }) => result === "failed" || result === "unknown" || isSkipReason(reason),
  );
  const [first] = failed;
  if (first === undefined) return undefined;
  const { createOnly, prune, resumePaused, removeTwins, yes, maxDeletes } = options;
  const isOneName = failed.every(({ name }) => name === first.name) && !/[*?]/.test(first.name);
  return applyCommand(context, options, {
    deployments: [...new Set(failed.map((row) => row.deployment_id))],
    match: isOneName ? first.name : options.selection.match,
    rest: [
      ...(createOnly ? ["--create-only"] : []),
      ...(prune ? ["--prune"] : []),
      ...(resumePaused ? ["--resume-paused"] : []),
      ...(removeTwins ? ["--remove-twins"] : []),
      ...(maxDeletes === undefined ? [] : ["--max-deletes", String(maxDeletes)]),
      ...(yes ? ["--yes"] : []),
    ],
  });
}

/** The command that removes what is there twice by now in these deployments. */
export function removeTwinsCommand(
  context: TargetFlags,
  { options, deployments }: { options: ManifestOptions; deployments: readonly string[] },
): string {
  const { match } = options.selection;
  return applyCommand(context, options, { deployments, match, rest: ["--remove-twins"] });
}

function applyCommand(
  context: TargetFlags,
  { files, isRecursive, assignments, selection }: ManifestOptions,
  { deployments, match, rest }: { deployments: readonly string[]; match?: string; rest: readonly string[] },
): string {
  return commandLine(context, [
    "automations",
    "apply",
    ...files.flatMap((file) => flag("--file", file)),
    ...(isRecursive ? ["--recursive"] : []),
    ...assignments.flatMap((assignment) => flag("--var", assignment)),
    ...deployments.flatMap((id) => ["-d", id]),
    ...(match === undefined ? [] : flag("--match", match)),
    ...selection.except.fittedIn(deployments).flatMap((except) => flag("--except", except)),
    ...rest,
  ]);
}
