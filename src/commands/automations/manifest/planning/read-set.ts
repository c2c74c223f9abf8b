import type { Context } from "../../../../context.js";
import { type ManifestSet, readManifests } from "../../../../manifest/read/manifest-set.js";
import { listed } from "../../../../output/count.js";
import type { Printer } from "../../../../output/printer.js";
import type { FileOptions, ManifestOptions } from "../flags.js";

export interface SetOptions extends FileOptions, Partial<Pick<ManifestOptions, "prune" | "recordFile">> {
  /** True when flags choose the deployments for all files. */
  hasDeploymentFlags: boolean;
  isOffline?: boolean;
}

/** Reads the files that flags name, and warns about what is skipped. Throws ManifestError. */
export async function readSet(
  context: Context,
  { options, printer }: { options: SetOptions; printer: Printer },
): Promise<ManifestSet> {
  const { signal } = context;
  const {
    files,
    givenValues,
    valueFiles,
    hasDeploymentFlags,
    isRecursive,
    prune = false,
    recordFile,
    isOffline,
  } = options;
  const set = await readManifests(files, {
    cwd: context.settings.environment.cwd,
    isRecursive,
    prune,
    recordFile,
    stdin: context.io.stdin,
    signal,
    givenValues,
    valueFiles,
    findKey: context.settings.findKey,
    hasDeploymentFlags,
    isOffline,
    now: context.now(),
  });
  warnOfSkipped(printer, set);
  return set;
}

const mostNamed = 10;

/** Warns about files, folders and flags that don't count. */
function warnOfSkipped(printer: Printer, set: ManifestSet): void {
  for (const text of skippedTexts(set)) printer.warn(text);
  const others = set.skippedFiles.filter(({ misspelt }) => misspelt === undefined).map(({ file }) => file);
  if (others.length === 0) return;
  printer.note(
    `skipped, because they have no automations, removed or leaving at the top: ${listed(others, mostNamed)}`,
  );
}

/** Texts about what doesn't count although it is probably meant to; plain text. */
export function skippedTexts({ skippedFiles, skippedFolders, unusedValues }: ManifestSet): string[] {
  const unused = unusedValues.map(({ file, names }) => {
    const are = names.length === 1 ? "is" : "are";
    const what =
      file === undefined ? `${listed(names)} ${are}` : `${file} sets ${listed(names)}, which ${are}`;
    return `${what} used nowhere in the manifests`;
  });
  const misspelt = skippedFiles.flatMap(({ file, misspelt: key }) =>
    key === undefined ? [] : [`${file} is skipped: is ${key} misspelt?`],
  );
  if (skippedFolders.length === 0) return [...unused, ...misspelt];
  const folders = listed(skippedFolders, mostNamed);
  return [
    ...unused,
    ...misspelt,
    `manifests in these folders weren't read (--recursive reads them): ${folders}`,
  ];
}
