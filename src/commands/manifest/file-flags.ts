import { advanced, flag, inGroup, text, texts, type Values } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { refuseEmpty, UsageError } from "../../errors/cli-errors.js";
import type { Value, ValueLayer } from "../../manifest/values/value-layers.js";
import { Audience, isDeploymentVariable, isVariableName } from "../../manifest/values/variables.js";
import { nameFlags, readSelection } from "../../operations/selection/selection-flags.js";

export const setFlags = inGroup("Files", {
  file: texts("file|dir|-", "a YAML or JSON manifest", { short: "-f", completes: "files" }),
  recursive: advanced(flag("include subfolders")),
  values: texts("file|-", "a file with values for variables", { completes: "files" }),
  var: texts("k=v", "the value of ${k} in the manifests"),
});

export const recordFlag = text("file", "the record (default: herm.lock.yaml beside the files)", {
  completes: "files",
});

/** The flags of apply and diff, in the order that help lists them. */
export const fileFlags = {
  ...setFlags,
  ...nameFlags,
  ...inGroup("Files", {
    record: advanced(recordFlag),
  }),
  prune: advanced(flag("delete automations that are in the record but not in the manifests")),
  ...inGroup("Output", { verbose: flag("show every row in full, and where values come from") }),
};

export const planRows =
  "deployment id, deployment, action, name, id, fields, reason, result, error; unchanged rows only with --verbose";

/** The files to read, with the values for them. */
export type FileSources = ReturnType<typeof readFileFlags>;
/** Everything to read: the files, their record, and the deployments they are for. */
export type ManifestSources = ReturnType<typeof readSources>;

export function readSources(
  context: Pick<Context, "settings" | "call">,
  input: Omit<Values<typeof fileFlags>, "prune">,
) {
  return { ...readFileFlags(input), selection: readSelection(context, input), recordFile: input.record };
}

/** Throws UsageError if no file is named, or if stdin is named twice. */
export function readFileFlags({
  file: files,
  var: assignments,
  values: valueFiles,
  recursive: isRecursive,
}: Values<typeof setFlags>) {
  if (files.length === 0) {
    throw new UsageError("no manifest given", { hint: "-f accepts a file, a folder, or - for stdin" });
  }
  for (const file of files) refuseEmpty("-f", file);
  for (const file of valueFiles) refuseEmpty("--values", file);
  if (files.includes("-") && valueFiles.includes("-")) {
    throw new UsageError("-f and --values can't both read stdin (-)");
  }
  const givenValues = readVariables(assignments);
  return { files, givenValues, valueFiles, assignments, isRecursive };
}

/** @internal */
export function readVariables(assignments: readonly string[]): ValueLayer {
  const values = new Map<string, Value>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, Math.max(at, 0));
    if (at === -1) throw new UsageError(`--var needs name=value, not "${assignment}"`);
    if (!isVariableName(name)) {
      throw new UsageError(`--var "${name}" isn't a variable name`, {
        hint: "use letters, digits, _, - and ., starting with a letter or _",
      });
    }
    if (isDeploymentVariable(name))
      throw new UsageError(`--var can't set ${name}: each deployment has its own deployment.*`);
    values.set(name, { text: assignment.slice(at + 1), from: `--var ${name}` });
  }
  return { entries: [{ audience: new Audience(), values }] };
}
