import { type CommandChanges, commandAgain } from "../../../command/command-again.js";
import { commandLine, flagWords, type TargetFlags } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { selectsDeployments } from "../../../fleet/selection.js";
import { groupBy } from "../../../manifest/group-by.js";
import { type DeploymentPlan, defaultMostDeletes } from "../../../manifest/plan/fleet-plan.js";
import { Names } from "../../fleet/names.js";
import type { DuplicateName } from "../../sending/duplicate-names.js";
import { selectionWords } from "../../targets/selection.js";
import type { FileOptions, ManifestOptions } from "./flags.js";

/** Most deployments that a command names: a person reads it. */
const mostDeployments = 5;

export interface RepeatOptions extends ManifestOptions {
  /** Default: 5. */
  maxDeletes?: number;
}

interface Reach {
  plans: readonly DeploymentPlan[];
  deployments: readonly string[];
}

/**
 * Repeats apply for some deployments by name, unless several files say whom they are for, which a flag would override,
 * or they are many: what is done there already is unchanged.
 */
export function againOf(
  { files, selection }: ManifestOptions,
  { plans, deployments }: Reach,
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

export function removeTwinsCommand(
  context: Context,
  options: RepeatOptions,
  { plans, duplicates }: Pick<Reach, "plans"> & { duplicates: readonly DuplicateName[] },
): string {
  const { maxDeletes = defaultMostDeletes } = options;
  const inDeployments = groupBy(duplicates, ({ deployment_id }) => deployment_id);
  const most = Math.max(...[...inDeployments.values()].map(({ length }) => length));
  const again = againOf(options, { plans, deployments: [...inDeployments.keys()] });
  return commandAgain(context, {
    ...again,
    flags: {
      ...again.flags,
      removeTwins: true,
      yes: undefined,
      ...(most > maxDeletes ? { maxDeletes: String(most) } : {}),
    },
  });
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
