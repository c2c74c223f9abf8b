import { resolve } from "node:path";
import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import { FileError } from "../../../../files/file-error.js";
import { ManifestError } from "../../../../manifest/mistake.js";
import { mostPlanBytes } from "../../../../manifest/plan-file/format.js";
import { readPlan, type SavedPlan } from "../../../../manifest/plan-file/read.js";
import type { Printer } from "../../../../output/printer.js";
import { annotateMistakes } from "../view/annotations.js";

/**
 * Reads a saved plan. Sends nothing. Throws UsageError for a file that doesn't exist, isn't this user's own or is too
 * large, and ManifestError for mistakes, which are annotated under GitHub Actions.
 */
export function openPlan(context: Context, file: string, printer: Printer): SavedPlan {
  try {
    return readPlan(textOf(context, file), file);
  } catch (error) {
    if (error instanceof ManifestError) annotateMistakes(context, { printer, error });
    throw error;
  }
}

function textOf({ settings }: Context, file: string): string {
  const path = resolve(settings.environment.cwd, file);
  try {
    const text = settings.files.readBeside(path, { mostBytes: mostPlanBytes });
    if (text !== undefined) return text;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UsageError(error.message, { hint: error.hint, cause: error });
  }
  throw new UsageError(`${file}: no such file`, {
    hint: (herm) => `${herm("automations", "apply", "--file", "herm.yaml", "--plan-out", file)} makes one`,
  });
}
