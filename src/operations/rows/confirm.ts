import type { Context } from "../../context/context.js";
import type { Prompts } from "../../context/prompts.js";
import { DeclinedError, type Hint, UsageError } from "../../errors/errors.js";
import type { Candidate } from "../../incident/scope.js";
import { counted } from "../../output/count.js";
import { countDeployments } from "./rows.js";

/** Throws UsageError where nobody can be asked what has to be. `what`: `pausing a selection`. */
export function requireInteractive(
  { io }: Pick<Context, "io">,
  what: string,
  hint: Hint = "--dry-run shows what it would do",
): void {
  if (io.canPrompt) return;
  throw new UsageError(`${what} needs --yes when herm can't ask`, { hint });
}

/**
 * Asks whether to go on, with the number unless the plan has a question of its own; nothing where nothing is to be done. Throws
 * DeclinedError.
 */
export async function confirmPlan(
  prompts: Prompts,
  verb: string,
  { items, question }: { items: readonly Candidate[]; question: string | undefined },
): Promise<void> {
  if (items.length === 0 && question === undefined) return;
  const where = counted(countDeployments(items), "deployment");
  const message = question ?? `${verb} ${counted(items.length, "automation")} in ${where}?`;
  if (!(await prompts.confirm({ message, default: false }))) throw new DeclinedError();
}
