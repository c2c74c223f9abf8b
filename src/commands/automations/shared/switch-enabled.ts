import type { Automation } from "../../../api/types.js";
import { findPatched, patchAutomation } from "../../../changes/planned-change.js";
import type { SendHooks } from "../../../changes/sending.js";
import type { Context } from "../../../context/context.js";
import { itemKey } from "../../../fleet/refs.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { OperationInput, Plan } from "../../../operations/operation.js";
import type { TargetChoice } from "../../../operations/rows/read-scope.js";
import { itemRow } from "../../../operations/rows/result-rows.js";
import { runOperation } from "../../../operations/run-operation.js";
import { chooseAutomations } from "../../../operations/selection/choose-automations.js";
import { updateItem } from "../../../operations/sending/items.js";
import { enabledByOpenChanges, isEnabling } from "../../../operations/sending/read-recent.js";
import { readSettled, waitForOpen } from "../../../operations/sending/wait-for-open.js";
import { joinNames } from "../../../output/count.js";
import { createPrinter } from "../../../output/printer.js";
import type { Held } from "./held.js";
import { type ChangedAutomation, printChanged } from "./print-changed.js";

export const pauseWords = {
  verb: "Pause",
  doing: "Pausing",
  done: "paused",
  unchanged: "already paused",
} as const;

export const resumeWords = {
  verb: "Resume",
  doing: "Resuming",
  done: "resumed",
  unchanged: "already enabled",
} as const;

/** Pauses or resumes refs with one PATCH for each that changes. Asks before it resumes held automations. */
export async function switchEnabled(
  context: Context,
  { choice, enabled, input }: { choice: TargetChoice; enabled: boolean; input: OperationInput },
): Promise<void> {
  const toHistoryItem = ({ deployment_id, automation: before }: FleetItem) =>
    updateItem({ deployment_id, before }, { enabled });
  await runOperation<FleetItem, Automation, SwitchPlan>(context, {
    words: enabled ? resumeWords : pauseWords,
    input,
    isSingle: choice.isSingle,
    canBeUndone: true,
    plan: async () => {
      const choose = () => chooseAutomations(context, choice, { ...input, readsDetail: choice.isSingle });
      const chosen = enabled ? await readSettled(context, choose, ({ items }) => items) : await choose();
      const mayBeEnabled = enabled ? new Set<string>() : enabledByOpenChanges(context);
      const done = chosen.items.filter(
        (item) => item.automation.enabled === enabled && !mayBeEnabled.has(itemKey(item)),
      );
      const items = chosen.items.filter((item) => !done.includes(item));
      const held = enabled && !input.dryRun ? await findHeldItems(context, items, input) : [];
      return {
        ...{ ...chosen, mayBeEnabled, held },
        items,
        unsentRows: done.map((item) => ({ ...itemRow(item), result: "unchanged" as const })),
        unchangedItem: choice.isSingle ? done[0] : undefined,
        // A pause is sent even if it can't be recorded.
        changeOptions: { isUrgent: !enabled },
      };
    },
    subject: (item) => item,
    toHistoryItem,
    move: ({ automation }) => [automation, { ...automation, enabled }],
    send: async (item, { change, recorded = toHistoryItem(item), settleLater }, { mayBeEnabled }) => {
      const { deployment_id, automation_id } = item;
      const fields = { enabled };
      const patch = ({ resend }: SendHooks) => {
        const options = { beforeResend: async (state: { isLost: boolean }) => resend(state) };
        return patchAutomation(context, { deployment_id, automation_id, fields, options });
      };
      const find = findPatched({ deployment_id, automation_id, fields });
      const send = () => change.send(recorded, { send: patch, find }, settleLater);
      const value = await send();
      if (!mayBeEnabled.has(itemKey(item))) return { result: "done", value };
      // An unanswered resume may take effect after the pause, so this waits, and pauses again if it did.
      await waitForOpen(context, [item], isEnabling);
      const { automations } = await context.client();
      const { enabled: isEnabled } = await automations.get(deployment_id, automation_id, {
        signal: context.signal,
      });
      return { result: "done", value: isEnabled === false ? value : await send() };
    },
    printItem: async ({ automation: before, deployment_id }, answer) => {
      const automation = { ...before, ...answer?.value };
      const isDone = answer !== undefined;
      await printSwitched(context, enabled ? "resume" : "pause", { automation, deployment_id, isDone });
    },
    after: async ({ results, plan: { held, names } }) => {
      const printer = await createPrinter(context);
      const done = new Set(results.flatMap(({ item, outcome }) => (outcome.result === "done" ? item : [])));
      const released = held.filter(({ item }) => done.has(item));
      for (const [text, theirs] of groupBy(released, ({ badge }) => badge.text)) {
        const which = choice.isSingle ? "" : `: ${joinNames(theirs.map(({ item }) => names.of(item)))}`;
        printer.note(`no longer ${text}${which}`);
      }
      return undefined;
    },
  });
}

interface SwitchPlan extends Plan<FleetItem> {
  /** Keys of automations that may still be enabled by an earlier change without a response. */
  mayBeEnabled: ReadonlySet<string>;
  held: readonly Held[];
}

/** Finds the automations that are held by open incidents, and asks about them. */
async function findHeldItems(
  context: Context,
  items: readonly FleetItem[],
  { yes }: OperationInput,
): Promise<Held[]> {
  const { askAboutHeld, findHeld } = await import("./held.js");
  const held = await findHeld(context, items);
  if (!yes) await askAboutHeld(context, held, "resume");
  return held;
}

export function printSwitched(
  context: Context,
  change: "pause" | "resume",
  { isDone, ...changed }: Omit<ChangedAutomation, "verb"> & { isDone: boolean },
): Promise<void> {
  const verbs = { pause: ["Paused", "Already paused:"], resume: ["Resumed", "Already enabled:"] } as const;
  return printChanged(context, { ...changed, verb: verbs[change][isDone ? 0 : 1] });
}
