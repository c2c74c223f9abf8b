import type { Command } from "commander";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import type { Selection } from "../../../fleet/selection.js";
import { readVariables } from "../../../manifest/variables.js";
import { addSelectionFlags, collect, readSelection, type SelectionFlags } from "../../targets.js";

export interface ManifestFlags extends SelectionFlags {
  file?: string[];
  var?: string[];
  recursive?: boolean;
  createOnly?: boolean;
  prune?: boolean;
}

/** What apply and diff have in common. */
export interface ManifestOptions {
  files: string[];
  variables: ReadonlyMap<string, string>;
  /** As they were given, to repeat the command. */
  assignments: string[];
  selection: Selection;
  /** Folders are read with the folders in them. */
  isRecursive: boolean;
  createOnly: boolean;
  prune: boolean;
}

/** Adds the flags that apply and diff share; read them back with `readManifestFlags`. */
export function addManifestFlags(command: Command): Command {
  command
    .option("-f, --file <file|dir|->", "a manifest, YAML or JSON (repeatable)", collect)
    .option("--recursive", "read the folders in a folder too")
    .option("--var <k=v>", "the value of ${k} in the manifests (repeatable)", collect);
  return addSelectionFlags(command)
    .option("--create-only", "create what is missing, change nothing that is there")
    .option("--prune", "delete what the manifests don't name");
}

/** Throws UsageError for flags that are missing or exclude each other. */
export function readManifestFlags(context: Pick<Context, "settings">, flags: ManifestFlags): ManifestOptions {
  const { file: files = [], var: assignments = [], recursive = false } = flags;
  const { createOnly = false, prune = false } = flags;
  if (files.length === 0) {
    throw new UsageError("which manifest?", { hint: "-f takes a file, a folder, or - for stdin" });
  }
  if (files.includes("")) throw new UsageError("-f is empty");
  if (createOnly && prune) throw new UsageError("--create-only and --prune exclude each other");
  return {
    files,
    variables: readVariables(assignments),
    assignments,
    selection: readSelection(context, flags),
    isRecursive: recursive,
    createOnly,
    prune,
  };
}
