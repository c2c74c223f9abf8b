import type { Context } from "../../../context.js";
import { type ManifestSet, readManifests } from "../../../manifest/read.js";
import { listed } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { createKeySearch } from "../../../settings/redact.js";
import { keptFolder } from "../shared/kept.js";
import type { FileOptions, ManifestOptions } from "./flags.js";

export interface SetOptions extends FileOptions, Partial<Pick<ManifestOptions, "prune" | "recordFile">> {
  /** Flags say which deployments they go to, all of them to the same. */
  hasDeploymentFlags: boolean;
}

/** Reads the files that flags name, and says what of them plays no part. Throws ManifestError for what is wrong in them. */
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
  } = options;
  const set = await readManifests(files, {
    cwd: context.settings.places.cwd,
    keptFolder: keptFolder(context),
    isRecursive,
    prune,
    recordFile,
    stdin: context.io.stdin,
    signal,
    givenValues,
    valueFiles,
    findKey: createKeySearch(context.settings.apiKeys()),
    hasDeploymentFlags,
    now: context.now(),
  });
  tellUnread(printer, set);
  return set;
}

const mostNamed = 10;

/** What of the folders and flags plays no part in the plan. */
function tellUnread(printer: Printer, { passedOver, unreadFolders, unusedValues }: ManifestSet): void {
  for (const { file, names } of unusedValues) {
    const are = names.length === 1 ? "is" : "are";
    const what =
      file === undefined ? `${listed(names)} ${are}` : `${file} sets ${listed(names)}, which ${are}`;
    printer.warn(`${what} used nowhere in the manifests`);
  }
  for (const { file, misspelt } of passedOver) {
    if (misspelt !== undefined) printer.warn(`${file} is skipped: is ${misspelt} misspelt?`);
  }
  const others = passedOver.filter(({ misspelt }) => misspelt === undefined).map(({ file }) => file);
  if (others.length > 0) {
    printer.note(
      `skipped, because they have no automations or removed at the top: ${listed(others, mostNamed)}`,
    );
  }
  if (unreadFolders.length > 0) {
    printer.warn(
      `manifests in these folders weren't read (--recursive reads them): ${listed(unreadFolders, mostNamed)}`,
    );
  }
}
