import type { AutomationDetail } from "../../../api/types.js";
import { commandLine } from "../../../command-line/next-command.js";
import { type GivenTime, loadWindow } from "../../../command-line/time-window.js";
import type { Context } from "../../../context/context.js";
import { NothingFoundError, UsageError } from "../../../errors/cli-errors.js";
import type { Selection } from "../../../fleet/selection.js";
import type { OperationInput, Plan } from "../../../operations/operation.js";
import { groupedLines, Names } from "../../../operations/rows/names.js";
import { reachOf } from "../../../operations/rows/reach.js";
import { type FleetRow, itemRow, unreadRow } from "../../../operations/rows/result-rows.js";
import { openFleetSession, targetLine } from "../../../operations/rows/session.js";
import { runOperation } from "../../../operations/run-operation.js";
import { checkUnmatched, refuseSelection } from "../../../operations/selection/selection-flags.js";
import { noMatchText } from "../../../operations/selection/why-empty.js";
import type { StartedRun } from "../../../operations/sending/duplicates.js";
import {
  itemMissedFields,
  type MissedItem,
  missedFields,
  missedRunOperation,
  type SkippedAnswer,
  type StartAnswer,
  skippedAnswer,
  startedRuns,
} from "../../../operations/sending/start-missed.js";
import { counted } from "../../../output/count.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { fold } from "../../../output/text/fold.js";
import { formatLocalBriefly } from "../../../output/time.js";
import { sumMissed } from "../../../runs/audit-results.js";
import { type CatchUp, catchUpOf } from "../../../runs/catch-up-plan.js";
import { usualGraceMs } from "../../../runs/state.js";
import { whyText } from "../audit/audit-rows.js";
import { type Audited, collectAudits } from "../audit/collect-audit.js";
import { missedSummary } from "../audit/summary.js";

interface CatchUpWork {
  input: OperationInput & {
    refs: readonly string[];
    since?: GivenTime | undefined;
    max?: number | undefined;
  };
  selection: Selection;
}

/** Starts one run for each automation that missed any and has had none since (src/runs/README.md, "Catching up"). */
export async function catchUp(context: Context, { input, selection }: CatchUpWork): Promise<void> {
  if (input.refs.length > 0) refuseSelection(selection);
  if (input.since === undefined)
    throw new UsageError("no --since given", { hint: "for runs due in the last day, add --since 24h" });
  const printer = await createPrinter(context);
  const { end, ...starting } = missedRunOperation<MissedItem>(context, printer);
  await runOperation<MissedItem, StartAnswer, CatchUpPlan>(context, {
    ...starting,
    input,
    confirmationSubject: "catch-up",
    plan: () => planCatchUp(context, { input, selection }),
    after: async ({ results, isOutage }) => {
      const failure = await end(results);
      if (!isOutage) sayNext(context, printer, startedRuns(results));
      return failure;
    },
  });
}

function sayNext(context: Context, printer: Printer, started: readonly StartedRun[]): void {
  const [first] = started;
  if (first === undefined) return;
  const isOne = started.length === 1;
  const where = isOne ? ["-d", first.item.deployment_id] : ["--all-deployments"];
  const shows = commandLine(context, ["runs", "list", "--running", ...where]);
  printer.hint(`to see ${isOne ? "the run" : `the ${counted(started.length, "run")}`}: ${shows}`);
}

interface CatchUpPlan extends Plan<MissedItem> {
  /** Judges an item again after another read. */
  whyNot(item: MissedItem, automation: AutomationDetail): SkippedAnswer | undefined;
}

/** Audits the selection once the server's clock is known, and judges each item. Throws if a selector matches none. */
async function planCatchUp(context: Context, { input, selection }: CatchUpWork): Promise<CatchUpPlan> {
  const { allDeployments, printer } = await openFleetSession(context);
  const now = context.serverNow();
  const { since } = (await loadWindow({ since: input.since }))(now);
  const timesAt = (nowMs: number) => {
    return { window: { sinceMs: since?.getTime() ?? 0, untilMs: nowMs + 1 }, nowMs, graceMs: usualGraceMs };
  };
  const question = {
    refs: input.refs,
    selection,
    times: () => timesAt(now.getTime()),
    judge: catchUpOf,
    isChange: true,
  };
  const audits = await collectAudits<CatchUp>(context, question, printer);
  const { audited, unreadable, selected, deployments } = audits;
  const isReadWhole = unreadable.length === 0;
  const why = isReadWhole && selected === 0 ? noMatchText(selection.match, audits.names) : undefined;
  if (why !== undefined) throw new NothingFoundError(why, { hint: "nothing was started" });
  checkUnmatched(printer, selection, { isReadWhole, names: audits.names });
  const { items, unsentRows } = sort(audited, input);
  const unreadRows = unreadable.flatMap(({ item, error }) =>
    item === undefined ? [] : unreadRow({ ...item, name: item.listed?.name }, error),
  );
  const names = new Names([...items, ...unsentRows], allDeployments, audits.isFleet);
  const missed = missedSummary(
    sumMissed(audited.flatMap(({ audit }) => ("missed" in audit ? [audit.missed] : []))),
  );
  return {
    ...{
      items,
      unsentRows: [...unsentRows, ...unreadRows],
      names,
      deployments: deployments.map((each) => ({ ...each })),
    },
    unreadable: unreadable.flatMap(({ target, item, error }) =>
      item === undefined ? [{ deployment: { ...target }, automations: [], error }] : [],
    ),
    view: {
      target: targetLine(context, { chosen: deployments.length, total: allDeployments.length }),
      reach:
        input.refs.length > 0
          ? undefined
          : reachOf({
              deployments,
              existing: allDeployments,
              match: selection.match,
              leftOut: audits.leftOut,
            }),
      lead: missed === undefined ? [] : [missed],
      counts: [`${counted(selected, "automation")} audited`],
      body: ({ width }) => startLines(items, names, now).map((line) => fold(safe(line, "cell"), width)),
    },
    whyNot: (item, automation) => {
      const changes = audits.changesOf(item);
      return skippedBy(catchUpOf(automation, { ...timesAt(context.serverNow().getTime()), changes }));
    },
  };
}

/** Separates the items to start (longest waiting first, at most `--max`) from all other rows. */
function sort(
  audited: readonly Audited<CatchUp>[],
  { max }: CatchUpWork["input"],
): Pick<Plan<MissedItem>, "items" | "unsentRows"> {
  const toStart: MissedItem[] = [];
  const unsentRows: FleetRow[] = [];
  for (const { automation, audit, deployment_id, deployment_name, customer_id } of audited) {
    const { automation_id, name } = automation;
    const item = { deployment_id, deployment_name, customer_id, automation_id, name };
    if ("error" in audit) unsentRows.push(unreadRow(item, audit.error));
    else if (audit.verdict === "start")
      toStart.push({ ...item, missedRuns: audit.missedRuns, missed: audit.missed });
    else if (audit.verdict !== "nothing") {
      const missed = audit.verdict === "skipped" ? missedFields(audit.missed) : {};
      const { why: reason, blockingRunId: run_id } = skippedBy(audit) ?? {};
      unsentRows.push({ ...itemRow(item), result: "skipped", ...missed, reason, run_id });
    }
  }
  const items = toStart.sort((one, other) => one.missedRuns.lastMs - other.missedRuns.lastMs);
  for (const item of items.splice(max ?? items.length))
    unsentRows.push({ ...itemRow(item), ...itemMissedFields(item), result: "skipped", reason: "over --max" });
  return { items, unsentRows };
}

function skippedBy(verdict: CatchUp): SkippedAnswer | undefined {
  if (verdict.verdict === "start") return undefined;
  if (verdict.verdict === "skipped") return skippedAnswer(verdict.why);
  if (verdict.verdict === "nothing") return { why: "no missed runs are left" };
  return { why: `unknown: ${whyText(verdict.reason)}` };
}

function startLines(items: readonly MissedItem[], names: Names, now: Date): string[] {
  const textOf = ({ missedRuns: { runs, lastMs } }: MissedItem) =>
    `missed ${runs}, ${runs === 1 ? "due" : "the last due"} ${formatLocalBriefly(new Date(lastMs), now)}`;
  return groupedLines(items, { names, word: "start", textOf });
}
