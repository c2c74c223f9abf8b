import { readFileSync } from "node:fs";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context.js";
import { explain } from "../../files/file-error.js";
import { saveTextIn } from "../../files/saved-texts.js";
import type { PlannedFile } from "./plan.js";

/** Saves replaced files in the data folder, and says where by their paths; a file that can't be saved isn't replaced. */
export function backUpReplaced(
  context: Context,
  changed: readonly PlannedFile[],
): ReadonlyMap<string, string> {
  const { files, dataDir } = context.settings;
  const replaced = changed.filter(({ state }) => state === "differs");
  return new Map(
    replaced.map(({ path, shown }) => {
      const held = explain(shown, "can't be read", () => readFileSync(path, "utf8"));
      return [path, saveTextIn({ files, dataDir, now: context.now() }, held)];
    }),
  );
}

/** Commands that leave everything as it was; `newFolder` is the skill's, where it wasn't there. */
export function undoLines(
  changed: readonly PlannedFile[],
  { backups, newFolder }: { backups: ReadonlyMap<string, string>; newFolder: string | undefined },
): string[] {
  if (newFolder !== undefined) return [asCommand("rm", "-r", newFolder)];
  const fresh = changed.filter(({ state }) => state === "new").map(({ path }) => path);
  const back = [...backups].map(([path, copy]) => asCommand("cp", copy, path));
  return fresh.length === 0 ? back : [...back, asCommand("rm", ...fresh)];
}

function asCommand(...words: readonly string[]): string {
  return words.map(quoteForShells).join(" ");
}
