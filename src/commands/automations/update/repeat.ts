import { commandLine, flag } from "../../../command-line/next-command.js";
import { canBeTyped } from "../../../command-line/shell-quote.js";
import type { Context } from "../../../context.js";
import type { ItemResult } from "../../../fleet/execute.js";
import { selectionWords } from "../../targets/selection.js";
import type { PlannedItem } from "./plan.js";
import { namesOf, type PreparedUpdates } from "./prepared.js";

/**
 * The command that does what failed or wasn't begun. It is the same one, which finds what is left to do; by refs where a
 * replacement would go on in what is done.
 */
export function repeatCommand(
  context: Pick<Context, "settings" | "reason">,
  prepared: PreparedUpdates,
  results: readonly ItemResult<PlannedItem, unknown>[],
): string {
  const { work, plan } = prepared;
  const { refs, selection, input } = work;
  const names = namesOf(prepared);
  const rest = results.filter(({ outcome }) => !("value" in outcome));
  const isWholeAgain = plan.goingOn === 0;
  const words = [
    ...["automations", "update"],
    ...(isWholeAgain ? refs : rest.map(({ item: { item } }) => names.ref(item))),
    ...(isWholeAgain && input.all ? ["--all"] : []),
    ...(isWholeAgain ? selectionWords({ ...selection, except: selection.except.values }) : []),
    ...optional("--if-schedule", input.ifSchedule),
    ...optional("--if-instructions", input.ifInstructions),
    ...optional("--name", input.name),
    ...optional("--schedule", input.schedule),
    ...optional("--tz", input.tz),
    ...(input.asTyped ? ["--as-typed"] : []),
    ...optional("--instructions", input.instructions),
    ...optional("--instructions-file", input.instructionsFile),
    ...optional("--replace", input.replace),
    ...optional("--with", input.with),
    ...optional("--thread", input.thread),
    ...(input.concurrency === undefined ? [] : ["--concurrency", `${input.concurrency}`]),
    ...(input.yes ? ["--yes"] : []),
    ...optional("--reason", reasonFlag(context)),
  ];
  return words.every(canBeTyped) ? commandLine(context, words) : "the same command again";
}

/** Not that of HERM_REASON, which is there the next time too. */
function reasonFlag({ reason, settings }: Pick<Context, "settings" | "reason">): string | undefined {
  return reason === settings.reason() ? undefined : reason;
}

function optional(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : flag(name, value);
}
