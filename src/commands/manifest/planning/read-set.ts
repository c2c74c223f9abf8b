import type { Context } from "../../../context/context.js";
import { selectsDeployments } from "../../../fleet/selection.js";
import { type ManifestSet, readManifests } from "../../../manifest/read/manifest-set.js";
import { joinNames } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import type { FileSources, ManifestSources } from "../file-flags.js";

/** Reads the files that the flags name, and warns about skipped files. Sends no request. Throws ManifestError. */
export async function readManifestSet(
  context: Context,
  {
    sources,
    printer,
    ...options
  }: {
    sources: FileSources & Partial<ManifestSources>;
    printer: Printer;
    prune?: boolean | undefined;
    mayBeMany?: boolean;
  },
): Promise<ManifestSet> {
  const { settings, signal, io } = context;
  const { selection } = sources;
  const set = await readManifests(sources.files, {
    ...sources,
    ...options,
    prune: options.prune ?? false,
    hasDeploymentFlags: selection ? selectsDeployments(selection) : settings.flags.deployments.length > 0,
    cwd: settings.environment.cwd,
    stdin: io.stdin,
    signal,
    findKey: settings.findKey,
    isInEnvironment: (name) => settings.env(`HERM_VAR_${name}`) !== undefined,
    now: context.now(),
  });
  const { found, passedOver } = set.record;
  if (found && passedOver) printer.note(`--record ${found.file.shown} is used, not ${passedOver.shown}`);
  warnOfSkipped(printer, set);
  return set;
}

const mostNamed = 10;

function warnOfSkipped(printer: Printer, set: ManifestSet): void {
  for (const text of skippedTexts(set)) printer.warn(text);
  const others = set.skippedFiles.filter(({ misspelt }) => misspelt === undefined).map(({ file }) => file);
  if (others.length === 0) return;
  printer.note(`skipped (no top-level automations: or removed: key): ${joinNames(others, mostNamed)}`);
}

/** Warnings about skipped files and folders that were probably meant; plain text. */
export function skippedTexts({ skippedFiles, skippedFolders, unusedValues }: ManifestSet): string[] {
  const unused = unusedValues.map(({ file, names }) => {
    const are = names.length === 1 ? "is" : "are";
    const what =
      file === undefined ? `${joinNames(names)} ${are}` : `${file} sets ${joinNames(names)}, which ${are}`;
    return `${what} not used anywhere in the manifests`;
  });
  const misspelt = skippedFiles.flatMap(({ file, misspelt: key }) =>
    key === undefined ? [] : [`skipped ${file}: is ${key} misspelt?`],
  );
  if (skippedFolders.length === 0) return [...unused, ...misspelt];
  const folders = joinNames(skippedFolders, mostNamed);
  return [
    ...unused,
    ...misspelt,
    `manifests in these folders weren't read (to read them, add --recursive): ${folders}`,
  ];
}
