import type { CommandChanges } from "../../../command/command-again.js";
import { commandLine, flagWords, type TargetFlags } from "../../../command-line/next-command.js";
import { selectsDeployments } from "../../../fleet/selection.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { Names } from "../../fleet/names.js";
import { selectionWords } from "../../targets/selection.js";
import type { FileOptions, ManifestOptions } from "./flags.js";

/** Most deployments that a command names: a person reads it. */
const mostDeployments = 5;

/**
 * Repeats apply for some deployments by name, unless several files say whom they are for, which a flag would override,
 * or they are many: what is done there already is unchanged.
 */
export function againOf(
  { files, selection }: ManifestOptions,
  { plans, deployments }: { plans: readonly DeploymentPlan[]; deployments: readonly string[] },
): CommandChanges {
  const chosen = [...new Set(deployments)];
  const { allDeployments, customer, except } = selection;
  const isSelected = allDeployments || customer !== undefined;
  const read = new Set(plans.flatMap(({ items }) => items.flatMap(({ position }) => position?.file ?? [])));
  const isOne = files.length === 1 && read.size < 2;
  if (!(isOne || selectsDeployments(selection)) || (isSelected && chosen.length > mostDeployments)) return {};
  const all = plans.map(({ target: { deployment_id, name } }) => ({ deployment_id, name }));
  const names = new Names([], all);
  return {
    deployments: chosen.map((id) => names.deployment(id)),
    flags: { allDeployments: undefined, customer: undefined, except: except.matchedIn(chosen) },
  };
}

/** The command that records what the files find by name. */
export function adoptCommand(context: TargetFlags, options: ManifestOptions): string {
  const { selection } = options;
  return commandLine(context, [
    "automations",
    "adopt",
    ...fileWords(options),
    ...selectionWords({ ...selection, except: selection.except.values }),
  ]);
}

function fileWords({
  files,
  isRecursive,
  valueFiles,
  assignments,
  recordFile,
}: FileOptions & Pick<ManifestOptions, "recordFile">): string[] {
  return [
    ...files.flatMap((file) => flagWords("--file", file)),
    ...(isRecursive ? ["--recursive"] : []),
    ...valueFiles.flatMap((file) => flagWords("--values", file)),
    ...assignments.flatMap((assignment) => flagWords("--var", assignment)),
    ...(recordFile === undefined ? [] : flagWords("--record", recordFile)),
  ];
}
