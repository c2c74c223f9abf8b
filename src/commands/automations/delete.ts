import { prepareDelete } from "../../changes/planned-change.js";
import { declareCommand, type InputOf, requestCodes } from "../../command/declaration.js";
import { several } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import type { Success } from "../../fleet/outcome.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import { operationFlags, resultFields } from "../../operations/change-flags.js";
import { nameInFleet } from "../../operations/name-in-fleet.js";
import type { SendTools } from "../../operations/operation.js";
import type { Names } from "../../operations/rows/names.js";
import { runOperation } from "../../operations/run-operation.js";
import {
  chooseAutomations,
  readTargetChoice,
  targetFlags,
} from "../../operations/selection/choose-automations.js";
import { deletionItem } from "../../operations/sending/items.js";
import { readSettled } from "../../operations/sending/wait-for-open.js";
import { joinNames } from "../../output/count.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { textOrDash } from "../../output/value-text.js";

export const command = declareCommand({
  effect: "destroys",
  isFrozen: ({ dryRun }) => !dryRun,
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: { ...targetFlags, ...operationFlags },
  help: {
    about: "Delete automations. They stop at once; their past runs and outputs are kept.",
    use: "If you might need them again, pause them instead. It asks for confirmation, and prints the command that restores them.",
    inPipe: resultFields,
    exitCodes: requestCodes({
      1: "you answered no, or the API reported a false success",
      4: "a ref or a selector matches nothing",
      6: "a freeze, a name that matches several, or a change by somebody else since",
      8: "several were given, and some failed",
      12: "the outcome is unknown; the message says how to check",
    }),
    examples: [
      'herm automations delete "Weekly video variations"',
      "herm automations delete auto_5cT2k9 auto_9mW3x1 --yes",
      'herm automations delete --match "Weekly*" --all-deployments --dry-run',
    ],
  },
  run: (context, input): Promise<void> => deleteAutomations(context, input),
});

async function deleteAutomations(context: Context, input: InputOf<typeof command>): Promise<void> {
  const choice = await readTargetChoice(context, input, "delete");
  await runOperation<FleetItem>(context, {
    words: { verb: "Delete", doing: "Deleting", done: "deleted" },
    input,
    confirmationSubject: choice.isSelection ? "deleting a selection" : "delete",
    asksOnlyIfAny: !choice.isSelection,
    isSingle: choice.isSingle,
    canBeUndone: true,
    plan: async () => {
      const read = () => chooseAutomations(context, choice, { ...input, readsDetail: true });
      const chosen = await readSettled(context, read, ({ items }) => items);
      const { head, names, items, unreadRows } = chosen;
      if (head !== undefined) return { ...chosen, unsentRows: unreadRows, view: head };
      const isAsked = !input.yes && !input.dryRun;
      const question = isAsked ? `Delete ${await calledIn(context, items, names)}?` : undefined;
      return { ...chosen, unsentRows: [], question };
    },
    subject: (item) => item,
    move: ({ automation }) => [automation, undefined],
    send: (item, tools) => deleteOne(context, item, tools),
    printItem: (item) => printDeleted(context, item),
  });
}

async function deleteOne(
  context: Context,
  { deployment_id, automation_id, automation: planned }: FleetItem,
  { change, settleLater }: SendTools,
): Promise<Success<undefined>> {
  const ready = await prepareDelete(context, { deployment_id, automation_id, planned });
  await change.sendReady(deletionItem({ deployment_id, before: ready.before }), ready, settleLater);
  return { result: "done", value: undefined };
}

/** The subject of the question; a single automation is named as by `nameInFleet`. */
async function calledIn(context: Context, items: readonly FleetItem[], names: Names): Promise<string> {
  const [first, ...others] = items;
  if (first === undefined || others.length > 0) return namedIn(items, names);
  const { deployment_id, automation } = first;
  return `"${await nameInFleet(context, { deployment_id, name: automation.name })}"`;
}

const mostNamed = 20;

function namedIn(items: readonly FleetItem[], names: Names): string {
  const called = names.groups(items).map(({ what, items: [first, ...others] }) => {
    return others.length === 0 ? `"${what}"` : `"${first.name}" ×${others.length + 1}`;
  });
  return joinNames(called, mostNamed);
}

async function printDeleted(context: Context, item: FleetItem): Promise<void> {
  const printer = await createPrinter(context);
  const { deployment_id, automation_id, automation } = item;
  await printOne(printer, {
    json: { deployment_id, automation_id, deleted: true },
    name: automation_id,
    table: async () => {
      const { name } = automation;
      if (!printer.stdoutIsTty)
        return printer.line(`${safe(textOrDash(name), "cell")}\tdeleted\t${automation_id}`);
      const { style } = printer;
      const called = safe(await nameInFleet(context, { deployment_id, name }), "cell");
      return printer.line(`${style.ok} Deleted ${style.bold(called)}  ${automation_id}`);
    },
  });
}
