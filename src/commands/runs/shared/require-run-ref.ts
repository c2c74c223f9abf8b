import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { requireRef } from "../../../operations/selection/pick.js";

/** The given ref, or one picked where somebody can be asked. Throws UsageError elsewhere. */
export async function requireRunRef(
  context: Context,
  { ref, verb }: { ref: string | undefined; verb: "show" | "watch" },
): Promise<string> {
  if (ref !== undefined) return ref;
  if (context.io.canPrompt) {
    return requireRef(context, { ref, verb, question: `Whose newest run to ${verb}?` });
  }
  throw new UsageError(`which run to ${verb}?`, {
    hint: (herm) => `${herm("runs", verb)} <run, or an automation's id or name>`,
  });
}
