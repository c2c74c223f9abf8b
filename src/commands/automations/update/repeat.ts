import { commandLine, flagWords } from "../../../command-line/next-command.js";
import { canBeTyped } from "../../../command-line/shell-quote.js";
import type { ItemResult } from "../../../fleet/outcome.js";
import { mannerWords } from "../../sending/again.js";
import type { ReasonGiven } from "../../sending/reason.js";
import { selectionWords } from "../../targets/selection.js";
import type { PlannedItem } from "./plan.js";
import { namesOf, type PreparedUpdates } from "./prepared.js";

/**
 * The command that does what failed or wasn't begun. It is the same one, which finds what is left to do; by refs where a
 * replacement would go on in what is done.
 */
export function repeatUpdate(
  context: ReasonGiven,
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
    ...mannerWords(context, input),
  ];
  return words.every(canBeTyped) ? commandLine(context, words) : "the same command again";
}

function optional(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : flagWords(name, value);
}
