import { dirname, resolve } from "node:path";
import type { Context } from "../../../../context.js";
import { NotPossibleError, UsageError } from "../../../../errors.js";
import { FileError, writeNamed } from "../../../../files/file-error.js";
import { tryWriting } from "../../../../files/try-writing.js";
import { looksLikePlan, mostPlanBytes } from "../../../../manifest/plan-file/format.js";
import { type PlanToWrite, writePlan } from "../../../../manifest/plan-file/write.js";
import { readApiIdentity } from "../../../../operations/rows/identity.js";

/**
 * Throws NotPossibleError where a plan can't be written, or the file is something else, such as a manifest; UsageError
 * for `-`.
 */
export function checkPlanOut({ settings }: Pick<Context, "settings">, file: string): void {
  if (file === "-") throw new UsageError("--plan-out needs a file", { hint: "stdout has the plan's rows" });
  const path = resolve(settings.environment.cwd, file);
  writeNamed(() => tryWriting(dirname(path), { shown: file }));
  if (isFreeForPlan({ settings }, path)) return;
  throw new NotPossibleError(`${file} exists, and isn't a plan; nothing was written`, {
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

/** Writes plans to a file of this user alone. Throws NotPossibleError, also as writePlan does. */
export async function savePlan(
  context: Context,
  { file, ...planned }: { file: string } & Pick<PlanToWrite, "plans" | "record">,
): Promise<void> {
  const { settings } = context;
  const target = await readApiIdentity(context, await context.client());
  const plan = { madeAt: context.now(), madeBy: `herm ${context.version}`, target, ...planned };
  const text = writePlan(plan, settings);
  writeNamed(() => settings.files.writeBeside(resolve(settings.environment.cwd, file), text));
}
