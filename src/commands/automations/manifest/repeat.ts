import { commandLine, flagWords, type TargetFlags } from "../../../command-line/next-command.js";
import { isSkipReason, wentWrong } from "../../../fleet/outcome.js";
import { selectsDeployments } from "../../../fleet/selection.js";
import { Names } from "../../fleet/names.js";
import { mannerWords } from "../../sending/again.js";
import type { ReasonGiven } from "../../sending/reason.js";
import { selectionWords } from "../../targets/selection.js";
import type { ManifestOptions } from "./flags.js";
import type { ChangeRow } from "./rows.js";

/** More of them make no command that a person reads. */
const mostFiles = 5;
/** Of deployments too, where a selector says which they are: what is done there already is found unchanged. */
const mostDeployments = 5;

export interface RepeatOptions extends ManifestOptions {
  resumePaused: boolean;
  removeTwins: boolean;
  recreate: boolean;
  strict: boolean;
  yes: boolean;
  maxFailures?: number;
  /** Absent: 5. */
  maxDeletes?: number;
}

/** The command that applies again only where something failed; nothing where nothing did. */
export function repeatCommand(
  context: ReasonGiven,
  { options, rows }: { options: RepeatOptions; rows: readonly ChangeRow[] },
): string | undefined {
  const failed = rows.filter((row) => wentWrong(row) || isSkipReason(row.reason));
  const [first] = failed;
  if (first === undefined) return undefined;
  const { prune, resumePaused, removeTwins, recreate, strict, yes } = options;
  const { maxFailures, maxDeletes } = options;
  const isOneName = failed.every(({ name }) => name === first.name) && !/[*?]/.test(first.name);
  const deployments = [...new Set(failed.map((row) => row.deployment_id))];
  const { allDeployments, customer } = options.selection;
  const isSelected = allDeployments || customer !== undefined;
  return applyCommand(context, options, {
    ...reachOf(options, { rows, again: failed, deployments }),
    isAllAgain: isSelected && deployments.length > mostDeployments,
    names: deploymentNames(rows),
    match: isOneName ? first.name : options.selection.match,
    rest: [
      ...(prune ? ["--prune"] : []),
      ...(resumePaused ? ["--resume-paused"] : []),
      ...(removeTwins ? ["--remove-twins"] : []),
      ...(recreate ? ["--recreate"] : []),
      ...(strict ? ["--strict"] : []),
      ...(maxDeletes === undefined ? [] : ["--max-deletes", String(maxDeletes)]),
      ...(maxFailures === undefined ? [] : ["--max-failures", String(maxFailures)]),
      ...mannerWords(context, { yes }),
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
    maxDeletes,
  }: {
    options: ManifestOptions;
    rows: readonly ChangeRow[];
    deployments: readonly string[];
    /** Absent: no more than usual are deleted. */
    maxDeletes?: number | undefined;
  },
): string {
  const { match } = options.selection;
  const names = deploymentNames(rows);
  const again = rows.filter(({ deployment_id }) => deployments.includes(deployment_id));
  const reach = reachOf(options, { rows, again, deployments });
  return applyCommand(context, options, {
    ...reach,
    names,
    match,
    rest: ["--remove-twins", ...(maxDeletes === undefined ? [] : ["--max-deletes", String(maxDeletes)])],
  });
}

/**
 * Where to apply again. Of several files that go each to its own deployments a flag would send all to all: those are named
 * alone in which something is to be done again, and with `--prune` all, since what the others name would be deleted.
 */
function reachOf(
  { files, prune, selection }: ManifestOptions,
  {
    rows,
    again,
    deployments,
  }: { rows: readonly ChangeRow[]; again: readonly ChangeRow[]; deployments: readonly string[] },
): Pick<Repetition, "files" | "deployments" | "isByFile"> {
  const fileOf = ({ place }: ChangeRow) => (place?.file === "stdin" ? "-" : place?.file);
  const isOne = files.length === 1 && rows.every((row) => (fileOf(row) ?? files[0]) === files[0]);
  if (isOne || selectsDeployments(selection)) return { files, deployments, isByFile: false };
  const own = [...new Set(again.map(fileOf))].filter((file) => file !== undefined);
  const isKnown = !prune && own.length <= mostFiles && again.every((row) => fileOf(row) !== undefined);
  return { files: isKnown ? own : files, deployments, isByFile: true };
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
  files: readonly string[];
  /** Their ids. */
  deployments: readonly string[];
  /** The files say which deployments they are for. */
  isByFile: boolean;
  /** The selection again, in place of deployments. */
  isAllAgain?: boolean;
  names: Names;
  match?: string | undefined;
  rest: readonly string[];
}

type FileOptions = Pick<
  ManifestOptions,
  "files" | "isRecursive" | "valueFiles" | "assignments" | "recordFile"
>;

/** What is read, as it is typed. */
export function fileWords({
  files,
  isRecursive,
  valueFiles,
  assignments,
  recordFile,
}: FileOptions): string[] {
  return [
    ...files.flatMap((file) => flagWords("--file", file)),
    ...(isRecursive ? ["--recursive"] : []),
    ...valueFiles.flatMap((file) => flagWords("--values", file)),
    ...assignments.flatMap((assignment) => flagWords("--var", assignment)),
    ...(recordFile === undefined ? [] : flagWords("--record", recordFile)),
  ];
}

function applyCommand(
  context: TargetFlags,
  options: ManifestOptions,
  { files, deployments, isByFile, isAllAgain = false, names, match, rest }: Repetition,
): string {
  const { selection } = options;
  const { except } = selection;
  const named = {
    deployments: isByFile ? [] : deployments.map((id) => names.deployment(id)),
    allDeployments: false,
    match,
    except: except.fittedIn(deployments),
  };
  return commandLine(context, [
    "automations",
    "apply",
    ...fileWords({ ...options, files }),
    ...selectionWords(isAllAgain ? { ...selection, match, except: except.values } : named),
    ...rest,
  ]);
}
