import type { Context } from "../../context.js";
import type { Ledger } from "../../incident/ledger.js";
import { type FleetItem, type PausePlan, withRunUnderWay } from "../../incident/pause-plan.js";
import type { Told } from "../../incident/tell.js";
import { counted } from "../../output/count.js";
import { fold, foldParts } from "../../output/fold.js";
import { printChanged } from "../automations/automation-view.js";
import { commandLine } from "../command-line.js";
import { printRows } from "./fleet-rows.js";
import { deploymentNames, errWidth } from "./fleet-session.js";
import { type CountParts, countsOf, printCounts, throwEnding } from "./fleet-verdict.js";
import type { LedgerChoice } from "./ledger-choice.js";
import type { PauseOutcome, PreparedPause } from "./prepared-pause.js";
import type { ReadBack } from "./read-back.js";

interface Summary {
  choice: LedgerChoice;
  ledger: Ledger;
  outcome: PauseOutcome;
}

/** Prints the rows and what a person has to know now; throws what the exit code asks for. */
export async function summarisePause(
  context: Context,
  prepared: PreparedPause,
  summary: Summary,
): Promise<void> {
  const { printer } = prepared.session;
  const { outcome, choice } = summary;
  await printResult(context, prepared, outcome);
  await printCounts(context, printer, countParts(outcome));
  for (const line of handOverLines(context, prepared, summary)) printer.note(line);
  for (const line of troubleOf(outcome.told)) printer.warn(line);
  throwEnding(context, {
    ...outcome,
    done: "paused",
    planned: prepared.plan.toPause.length,
    untold: { failed: countTold(outcome.told, "failed"), unknown: countTold(outcome.told, "unknown") },
    isSingle: isSingle(prepared),
    hint: goOn(choice),
  });
}

function isSingle({ options }: PreparedPause): boolean {
  return !options.isSelection && options.refs.length === 1;
}

function countTold(told: readonly Told[], wanted: Told["result"]): number {
  return told.filter(({ result }) => result === wanted).length;
}

async function printResult(
  context: Context,
  prepared: PreparedPause,
  { results, rows }: PauseOutcome,
): Promise<void> {
  const { session, deployments, plan } = prepared;
  const isOne = isSingle(prepared) && rows.length === 1;
  const [row] = rows;
  const [result] = results;
  const value = result !== undefined && "value" in result.outcome ? result.outcome.value : undefined;
  if (isOne && row?.result === "paused" && result !== undefined && value?.automation !== undefined) {
    const automation = { ...result.item.automation, ...value.automation };
    return printChanged(context, { automation, deploymentId: row.deployment_id, verb: "Paused" });
  }
  const item = plan.untouched[0]?.item;
  if (isOne && row?.result === "unchanged" && item !== undefined) {
    const { automation, deployment_id: deploymentId } = item;
    return printChanged(context, { automation, deploymentId, verb: "Already paused:" });
  }
  const names = deploymentNames(deployments);
  const isFleet = deployments.length > 1;
  await printRows(context, session.printer, { rows, isFleet, names, isSingle: isOne });
}

/** `371 paused`, `12 paused already`, `2 left to other incidents`, `0 enabled`. */
function countParts({ rows, readBack }: PauseOutcome): CountParts {
  const changes = countsOf(rows, [
    ["paused", "paused"],
    ["unchanged", "paused already"],
    ["left", "left to other incidents"],
    ["failed", "failed"],
    ["unknown", "unknown"],
    ["skipped", "not begun"],
  ]);
  if (readBack === undefined) return { changes };
  const { at, items, unreadable, isReadable } = readBack;
  if (!isReadable) return { changes: [...changes, "nothing could be read back"] };
  const enabled = items.filter(({ automation }) => automation.enabled).length;
  const where = unreadable.length > 0 ? " in what could be read" : "";
  return { changes, found: { at, what: `${enabled} enabled${where}` } };
}

function handOverLines(
  context: Context,
  { plan }: PreparedPause,
  { choice, ledger, outcome }: Summary,
): string[] {
  const { incident } = choice;
  const herm = (...words: string[]) => commandLine(context, words);
  const running = withRunUnderWay(lastSeen(plan, outcome.readBack));
  const told = countTold(outcome.told, "told");
  const width = errWidth(context);
  const lines = [
    `Pausing stops schedules; not runs under way (${running.length}), not agents answering their customers.`,
    ...running
      .slice(0, 10)
      .map(
        ({ deployment_id, automation_id, name }) =>
          `  under way: ${name} (${deployment_id}/${automation_id})`,
      ),
    ...(running.length > 10 ? [`  … and ${running.length - 10} more`] : []),
    ...(told > 0 ? [`told ${counted(told, "run")}`] : []),
    `incident ${incident}: ${herm("incidents", "show", incident)} proves that it holds`,
    `undo: ${herm("automations", "resume", "--incident", incident)}`,
  ];
  const handOver = [`hand over: send ${ledger.place.path};`, "there: herm incidents import <file>"];
  return [...lines.map((line) => fold(line, width)), foldParts(handOver, { width, separator: " " })];
}

/** What was selected, as it was read last. */
function lastSeen(plan: PausePlan, readBack: ReadBack | undefined): FleetItem[] {
  const planned = [...plan.toPause, ...plan.untouched.map(({ item }) => item)];
  if (readBack === undefined) return planned;
  const unread = new Set(readBack.unreadable.map(({ deployment }) => deployment.deployment_id));
  return [...readBack.items, ...planned.filter(({ deployment_id }) => unread.has(deployment_id))];
}

function troubleOf(told: readonly Told[]): string[] {
  return told.flatMap(({ item, runId, result, reason }) => {
    if (result !== "failed" && result !== "unknown") return [];
    const what = runId === "" ? `the runs of ${item.name}` : runId;
    const why = reason === undefined ? "" : `: ${reason}`;
    return [
      result === "failed"
        ? `${what} in ${item.deployment_id} wasn't told${why}`
        : `whether ${what} in ${item.deployment_id} was told isn't known${why}`,
    ];
  });
}

function goOn({ incident, isGiven }: LedgerChoice): string {
  return `run the same command again to finish${isGiven ? "" : `, with --incident ${incident}`}`;
}
