import type { Automation, AutomationDetail } from "../../api/types.js";
import { triggerOnce } from "../../changes/once.js";
import { declareCommand, followCodes, requestCodes } from "../../command/declaration.js";
import { several } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { hintTo, UsageError } from "../../errors/cli-errors.js";
import type { Success } from "../../fleet/outcome.js";
import { itemKey } from "../../fleet/refs.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import { atOnce, operationFlags, resultFields } from "../../operations/change-flags.js";
import { nameInFleet } from "../../operations/name-in-fleet.js";
import type { OperationInput, Plan, SendTools } from "../../operations/operation.js";
import type { TargetChoice } from "../../operations/rows/read-scope.js";
import { type FleetRow, itemRow } from "../../operations/rows/result-rows.js";
import { runOperation } from "../../operations/run-operation.js";
import {
  chooseAutomations,
  chooseOne,
  readTargetChoice,
  targetFlags,
} from "../../operations/selection/choose-automations.js";
import { triggerItem } from "../../operations/sending/items.js";
import { runsStartedLately } from "../../operations/sending/read-recent.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { cacheRuns } from "../../runs/find.js";
import { followFlags, followTimeoutMs, isFollowed } from "../runs/follow/follow-flags.js";
import { showFollowedRun } from "../runs/follow/follow-run.js";
import { askAboutHeld, findHeld } from "./shared/held.js";

export const command = declareCommand({
  effect: "changes",
  isFrozen: ({ dryRun }) => !dryRun,
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: { ...followFlags, ...targetFlags, ...operationFlags },
  help: {
    about: "Run automations now, even if paused; with just one, follow its run.",
    use: "Try out an automation, or replace a missed run. Ctrl-C stops following; the run continues. Automations held by an open incident are skipped in a selection; if you name one, herm asks for confirmation, or needs --yes in a pipe.",
    inPipe: `for one: run, automation and deployment id, or with --follow the run as plain lines; for several: ${resultFields}; if a run started, its id instead of a reason`,
    exitCodes: requestCodes({
      1: "you answered no",
      4: "a ref or a selector matches nothing",
      6: "a name matches several, or a freeze",
      8: "several were given, and some failed",
      ...followCodes,
    }),
    examples: [
      'herm automations trigger "Weekly video variations"',
      "herm automations trigger auto_5cT2k9 --follow --output json",
      'herm automations trigger --match "Weekly*" --all-deployments --dry-run',
    ],
  },
  async run(context, input): Promise<void> {
    await triggerAutomations(context, await readTargetChoice(context, input, "trigger"), input);
  },
});

interface TriggerInput extends OperationInput {
  follow: boolean | undefined;
  followTimeout: number | undefined;
}

/** Starts a run of one automation without asking. Throws what `showFollowedRun` throws. */
export function triggerAutomation(context: Context, ref: string, follow: boolean): Promise<void> {
  return triggerAutomations(context, chooseOne(ref), { ...atOnce, follow, followTimeout: undefined });
}

async function triggerAutomations(
  context: Context,
  choice: TargetChoice,
  input: TriggerInput,
): Promise<void> {
  if (!choice.isSingle && input.follow === true)
    throw new UsageError("--follow needs a single automation", {
      hint: hintTo("to see the runs of several", "runs", "list"),
    });
  const isToFollow = choice.isSingle && !input.dryRun && isFollowed(await createPrinter(context), input);
  let started = "";
  await runOperation<FleetItem, string, TriggerPlan>(context, {
    words: { verb: "Trigger", doing: "Starting", done: "started" },
    input,
    confirmationSubject: choice.isSelection ? "triggering a selection" : undefined,
    isSingle: choice.isSingle,
    plan: async () => {
      const startedLately = runsStartedLately(context);
      return { ...(await planRuns(context, choice, input)), startedLately };
    },
    subject: (item) => item,
    send: (item, tools, { startedLately }) =>
      startRun(context, item, { ...tools, earlier: startedLately.get(itemKey(item)) }),
    checkCommand: (item) => commandLine(context, ["runs", "list", itemKey(item)]),
    detail: (_, success) => (success === undefined ? {} : { run_id: success.value }),
    surround: isToFollow
      ? (item, send) => follow(context, { item, input, start: () => send().then(() => started) })
      : undefined,
    printItem: async (item, success) => {
      started = success?.value ?? "";
      if (!isToFollow) await printStarted(context, item, started);
    },
    after: async ({ results }) => {
      const runs = results.flatMap(({ item: { deployment_id, automation_id }, outcome }) =>
        "value" in outcome ? [{ run_id: outcome.value, deployment_id, automation_id }] : [],
      );
      await cacheRuns(context.settings, runs);
      return undefined;
    },
  });
}

interface TriggerPlan extends Plan<FleetItem> {
  startedLately: ReturnType<typeof runsStartedLately>;
}

/** Throws what `askAboutHeld` throws. */
async function planRuns(
  context: Context,
  choice: TargetChoice,
  input: TriggerInput,
): Promise<Plan<FleetItem>> {
  const chosen = await chooseAutomations(context, choice, { ...input, readsDetail: choice.isSingle });
  const { items, head } = chosen;
  const held = await findHeld(context, items);
  if (choice.isSelection) {
    const heldItems = new Set(held.map(({ item }) => item));
    const unsentRows = held.map(
      ({ item, badge }): FleetRow => ({ ...itemRow(item), result: "skipped", reason: badge.text }),
    );
    return {
      ...chosen,
      items: items.filter((item) => !heldItems.has(item)),
      unsentRows: [...unsentRows, ...chosen.unreadRows],
      view: head,
      retriesByRefs: true,
    };
  }
  if (!input.yes && !input.dryRun) await askAboutHeld(context, held, "run");
  return { ...chosen, unsentRows: [] };
}

/** Opens the stream before the run starts, because events sent earlier aren't replayed. */
function follow(
  context: Context,
  { item, input, start }: { item: FleetItem; input: TriggerInput; start: () => Promise<string> },
): Promise<void> {
  const { deployment_id, automation } = item;
  const thread = automation.thread_id ? { thread_id: automation.thread_id } : {};
  return showFollowedRun(context, {
    deployment_id,
    automation,
    query: thread,
    timeoutMs: followTimeoutMs(context, input),
    startRun: async () => ({ run_id: await start(), ...thread }),
    onlyReads: false,
    isNew: true,
  });
}

/** Reads the automation's runs before the request, so that the new run can be found if the response is lost. */
async function startRun(
  context: Context,
  item: FleetItem,
  { earlier = [], change, settleLater }: SendTools & { earlier: readonly string[] | undefined },
): Promise<Success<string>> {
  const { deployment_id, automation_id, automation: listed } = item;
  const automation = isDetail(listed)
    ? listed
    : await (await context.client()).automations.get(deployment_id, automation_id, {
        signal: context.signal,
      });
  const known = new Set([...automation.recent_runs.map(({ run_id }) => run_id), ...earlier]);
  const once = triggerOnce(context, { deployment_id, automation_id, known });
  const sent = change.send(triggerItem({ deployment_id, before: automation }), once, settleLater);
  return { result: "done", value: (await sent).run_id };
}

function isDetail(automation: Automation): automation is AutomationDetail {
  return "recent_runs" in automation;
}

async function printStarted(context: Context, item: FleetItem, run_id: string): Promise<void> {
  const { deployment_id, automation_id, automation } = item;
  const { name } = automation;
  const printer = await createPrinter(context);
  const { style } = printer;
  await printOne(printer, {
    json: { automation_id, deployment_id, run_id },
    name: run_id,
    table: async () => {
      const row = [run_id, automation_id, deployment_id].map((id) => safe(id, "cell")).join("\t");
      const called = async () => safe(await nameInFleet(context, { deployment_id, name }), "cell");
      await printer.line(
        printer.stdoutIsTty
          ? `${style.ok} Started ${style.bold(await called())}  ${safe(run_id, "cell")}`
          : row,
      );
      printer.hint(`to follow it: ${commandLine(context, ["runs", "watch", `${deployment_id}/${run_id}`])}`);
    },
  });
}
