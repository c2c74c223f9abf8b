import { commandLine, type TargetFlags } from "../command-line.js";
import type { ManifestOptions } from "./manifest-flags.js";
import type { ChangeRow } from "./manifest-rows.js";
import { flag } from "./undo.js";

export interface RepeatOptions extends ManifestOptions {
  resumePaused: boolean;
  isConfirmed: boolean;
  mostDeletes?: number | undefined;
}

/** The command that applies again only where something failed; nothing where nothing did. */
export function repeatCommand(
  context: TargetFlags,
  { options, rows }: { options: RepeatOptions; rows: readonly ChangeRow[] },
): string | undefined {
  const failed = rows.filter(({ result, reason }) => isFailure(result) || isCutOff(reason));
  const [first] = failed;
  if (first === undefined) return undefined;
  const { files, isRecursive, assignments, createOnly, prune, resumePaused, isConfirmed, mostDeletes } =
    options;
  const deployments = [...new Set(failed.map((row) => row.deployment_id))];
  const isOneName = failed.every(({ name }) => name === first.name) && !/[*?]/.test(first.name);
  return commandLine(context, [
    "automations",
    "apply",
    ...files.flatMap((file) => flag("--file", file)),
    ...(isRecursive ? ["--recursive"] : []),
    ...assignments.flatMap((assignment) => flag("--var", assignment)),
    ...deployments.flatMap((id) => ["-d", id]),
    ...(isOneName ? flag("--match", first.name) : matchFlags(options)),
    ...options.selection.except.fittedIn(deployments).flatMap((except) => flag("--except", except)),
    ...(createOnly ? ["--create-only"] : []),
    ...(prune ? ["--prune"] : []),
    ...(resumePaused ? ["--resume-paused"] : []),
    ...(mostDeletes === undefined ? [] : ["--max-deletes", String(mostDeletes)]),
    ...(isConfirmed ? ["--yes"] : []),
  ]);
}

function isFailure(result: ChangeRow["result"]): boolean {
  return result === "failed" || result === "unknown";
}

/** Never started: Ctrl-C, a refused key, too many failures. */
function isCutOff(reason: string | undefined): boolean {
  return reason === "interrupted" || reason === "key refused" || reason === "too many failures";
}

function matchFlags({ selection: { match } }: ManifestOptions): string[] {
  return match === undefined ? [] : flag("--match", match);
}
