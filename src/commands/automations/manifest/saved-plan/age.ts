import type { Context } from "../../../../context.js";
import type { SavedPlan } from "../../../../manifest/plan-file/read.js";
import { formatDuration } from "../../../../output/duration.js";

/** When a plan was made, for a person: `3 min ago`. */
export function ageOf(context: Pick<Context, "now">, { madeAt }: Pick<SavedPlan, "madeAt">): string {
  const ageMs = context.now().getTime() - madeAt.getTime();
  return ageMs < 1000 ? "just now" : `${formatDuration(ageMs)} ago`;
}
