import type { Context } from "../../../context/context.js";
import { DeclinedError, type Hint, NotPossibleError } from "../../../errors/cli-errors.js";

export function idsNamed(
  name: string,
  automations: readonly { automation_id: string; name?: unknown }[],
): string[] {
  return automations.filter((automation) => automation.name === name).map((each) => each.automation_id);
}

/** Throws NotPossibleError if `ids` already use the name. */
export function refuseTakenName(name: string, ids: readonly string[], hint: Hint): void {
  if (ids.length === 0) return;
  throw new NotPossibleError(`there is already an automation named "${name}": ${ids.join(", ")}`, { hint });
}

/** Asks before a name is used a second time. Throws DeclinedError. */
export async function askForTakenName(
  context: Context,
  { name, ids, question }: { name: string; ids: readonly string[]; question: string },
): Promise<void> {
  if (ids.length === 0) return;
  const message = `There is already an automation named "${name}" (${ids.join(", ")}). ${question}`;
  if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
}
