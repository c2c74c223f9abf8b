import { type CommandChanges, commandAgain } from "../../../command/command-again.js";
import { commandLine, flagWords, type TargetFlags } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { selectsDeployments } from "../../../fleet/selection.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { Names } from "../../fleet/names.js";
import type { DuplicateName } from "../../sending/duplicate-names.js";
import { selectionWords } from "../../targets/selection.js";
import type { FileOptions, ManifestOptions } from "./flags.js";
import { defaultMostDeletes } from "./sending/confirmation.js";

/** More of them make no command that a person reads. */
const mostDeployments = 5;

export interface RepeatOptions extends ManifestOptions {
  /** Absent: 5. */
  maxDeletes?: number;
}

interface Reach {
  plans: readonly DeploymentPlan[];
  /** Their ids, perhaps several times. */
  deployments: readonly string[];
}

/**
 * How apply is repeated for some deployments: by their names, unless several files say each whom they are for, which a flag
 * would send to all, or they are many, where what is done there already is found unchanged.
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
    flags: { allDeployments: undefined, customer: undefined, except: except.fittedIn(chosen) },
  };
}

/** The command that removes what is there twice by now. */
export function removeTwinsCommand(
  context: Context,
  options: RepeatOptions,
  { plans, twice }: Pick<Reach, "plans"> & { twice: readonly DuplicateName[] },
): string {
  const { maxDeletes = defaultMostDeletes } = options;
  const twins = groupBy(twice, ({ deployment_id }) => deployment_id);
  const most = Math.max(...[...twins.values()].map(({ length }) => length));
  const again = againOf(options, { plans, deployments: [...twins.keys()] });
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

/** What is read, as it is typed. */
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
