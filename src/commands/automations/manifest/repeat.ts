import { commandLine, flag, type TargetFlags } from "../../../command-line/next-command.js";
import { isSkipReason } from "../../../fleet/execute.js";
import { Names } from "../../fleet/names.js";
import { type ReasonGiven, reasonWords } from "../../sending/reason.js";
import type { ManifestOptions } from "./flags.js";
import type { ChangeRow } from "./rows.js";

export interface RepeatOptions extends ManifestOptions {
  resumePaused: boolean;
  removeTwins: boolean;
  recreate: boolean;
  yes: boolean;
  /** Absent: 5. */
  maxDeletes?: number;
}

/** The command that applies again only where something failed; nothing where nothing did. */
export function repeatCommand(
  context: ReasonGiven,
  { options, rows }: { options: RepeatOptions; rows: readonly ChangeRow[] },
): string | undefined {
  const failed = rows.filter(
    ({ result, reason }) => result === "failed" || result === "unknown" || isSkipReason(reason),
  );
  const [first] = failed;
  if (first === undefined) return undefined;
  const { createOnly, prune, resumePaused, removeTwins, recreate, yes, maxDeletes } = options;
  const isOneName = failed.every(({ name }) => name === first.name) && !/[*?]/.test(first.name);
  return applyCommand(context, options, {
    deployments: [...new Set(failed.map((row) => row.deployment_id))],
    names: deploymentNames(rows),
    match: isOneName ? first.name : options.selection.match,
    rest: [
      ...(createOnly ? ["--create-only"] : []),
      ...(prune ? ["--prune"] : []),
      ...(resumePaused ? ["--resume-paused"] : []),
      ...(removeTwins ? ["--remove-twins"] : []),
      ...(recreate ? ["--recreate"] : []),
      ...(maxDeletes === undefined ? [] : ["--max-deletes", String(maxDeletes)]),
      ...(yes ? ["--yes"] : []),
      ...reasonWords(context),
    ],
  });
}

/** The command that removes what is there twice by now in these deployments. */
export function removeTwinsCommand(
  context: TargetFlags,
  {
    options,
    rows,
    deployments,
  }: { options: ManifestOptions; rows: readonly ChangeRow[]; deployments: readonly string[] },
): string {
  const { match } = options.selection;
  const names = deploymentNames(rows);
  return applyCommand(context, options, { deployments, names, match, rest: ["--remove-twins"] });
}

/** What people call the deployments. */
function deploymentNames(rows: readonly ChangeRow[]): Names {
  const all = new Map(rows.map((row) => [row.deployment_id, row.deployment]));
  return new Names(
    [],
    [...all].map(([deployment_id, name]) => ({ deployment_id, name })),
  );
}

interface Repetition {
  /** Their ids. */
  deployments: readonly string[];
  names: Names;
  match?: string | undefined;
  rest: readonly string[];
}

function applyCommand(
  context: TargetFlags,
  { files, isRecursive, valueFiles, assignments, recordFile, selection }: ManifestOptions,
  { deployments, names, match, rest }: Repetition,
): string {
  return commandLine(context, [
    "automations",
    "apply",
    ...files.flatMap((file) => flag("--file", file)),
    ...(isRecursive ? ["--recursive"] : []),
    ...valueFiles.flatMap((file) => flag("--values", file)),
    ...assignments.flatMap((assignment) => flag("--var", assignment)),
    ...(recordFile === undefined ? [] : flag("--record", recordFile)),
    ...deployments.flatMap((id) => flag("-d", names.deployment(id))),
    ...(match === undefined ? [] : flag("--match", match)),
    ...selection.except.fittedIn(deployments).flatMap((except) => flag("--except", except)),
    ...rest,
  ]);
}
