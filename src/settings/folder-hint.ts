import { type FileError, hintOfUnwritten } from "../files/file-error.js";
import { isInside } from "../files/folders.js";
import type { Settings } from "./settings.js";

/** The hint for one of herm's own files that can't be used: disk space, or the variable for another folder. */
export function folderHint(
  error: FileError,
  { dataDir, configDir }: Pick<Settings, "dataDir" | "configDir">,
): string | undefined {
  const { path } = error;
  const isIn = (folder: string) => path === folder || isInside(path, folder);
  if (!isIn(dataDir) && !isIn(configDir)) return undefined;
  const variable = isIn(dataDir) ? "HERM_DATA_DIR" : "HERM_CONFIG_DIR";
  return hintOfUnwritten(error, `set ${variable} to a writable folder of your own`);
}
