import { isInside } from "../files/folders.js";
import type { Settings } from "./settings.js";

/** What to do about a file of herm's own that can't be read or written: the variable that names another folder for it. */
export function folderHint(
  path: string,
  { dataDir, configDir }: Pick<Settings, "dataDir" | "configDir">,
): string | undefined {
  const isIn = (folder: string) => path === folder || isInside(path, folder);
  if (!isIn(dataDir) && !isIn(configDir)) return undefined;
  const variable = isIn(dataDir) ? "HERM_DATA_DIR" : "HERM_CONFIG_DIR";
  return `set ${variable} to a folder of your own that can be written`;
}
