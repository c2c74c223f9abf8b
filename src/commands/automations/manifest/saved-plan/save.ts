import { resolve } from "node:path";
import type { Context } from "../../../../context.js";
import { NotPossibleError } from "../../../../errors.js";
import { FileError } from "../../../../files/file-error.js";
import { looksLikePlan, mostPlanBytes } from "../../../../manifest/plan-file/shape.js";
import { type PlanToWrite, writePlan } from "../../../../manifest/plan-file/write.js";
import { createKeySearch } from "../../../../settings/redact.js";
import { readApiIdentity } from "../../../fleet/identity.js";

/** Throws NotPossibleError if something else than a plan is at the path: a manifest, named by mistake. */
export function checkPlanOut({ settings }: Pick<Context, "settings">, file: string): void {
  if (isFreeForPlan({ settings }, resolve(settings.places.cwd, file))) return;
  throw new NotPossibleError(`${file} already exists, and is no plan; nothing was written`, {
    hint: "give another file, or remove that one",
  });
}

function isFreeForPlan({ settings }: Pick<Context, "settings">, path: string): boolean {
  try {
    const text = settings.files.readShared(path, { mostBytes: mostPlanBytes });
    return text === undefined || looksLikePlan(text);
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

/** Writes what the plans would do to a file of this user's alone. Throws NotPossibleError as writePlan, FileError. */
export async function savePlan(
  context: Context,
  { file, ...planned }: { file: string } & Pick<PlanToWrite, "plans" | "record" | "unpruned">,
): Promise<void> {
  const { settings } = context;
  const target = await readApiIdentity(context, await context.client());
  const plan = { madeAt: context.now(), madeBy: `herm ${context.version}`, target, ...planned };
  const text = writePlan(plan, { findKey: createKeySearch(settings.apiKeys()) });
  settings.files.writeBeside(resolve(settings.places.cwd, file), text);
}
