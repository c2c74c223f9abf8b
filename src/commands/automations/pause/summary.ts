import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { countRuns, type RunsUnderWay } from "../../../fleet/runs-under-way.js";
import type { Ledger } from "../../../incident/ledger.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import type { Told } from "../../../incident/tell.js";
import { counted } from "../../../output/count.js";
import { fold, foldParts } from "../../../output/fold.js";
import { told } from "../../../output/value-text.js";
import { messageOf } from "../../../report.js";
import { type CountParts, countsOf, type FleetEnding, printCounts, throwEnding } from "../../fleet/ending.js";
import { isWholeOutage, outageError } from "../../fleet/outage.js";
import { printRows } from "../../fleet/rows.js";
import { deploymentNames, errWidth } from "../../fleet/session.js";
import type { LedgerChoice } from "../../incidents/ledger-choice.js";
import { printChanged } from "../shared/changed.js";
import { isSingle, type PauseOutcome, type PreparedPause } from "./prepared.js";

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
  const ending: FleetEnding = {
    ...outcome,
    done: "paused",
    planned: prepared.plan.toPause.length,
    untold: { failed: countTold(outcome.told, "failed"), unknown: countTold(outcome.told, "unknown") },
    isSingle: isSingle(prepared.options),
    hint: goOn(choice),
  };
  await printResult(context, prepared, { ...outcome, isOutageTold: outageError(ending) !== undefined });
  if (!isWholeOutage(ending)) {
    await printCounts(printer, countParts(outcome));
    for (const line of handOverLines(context, summary)) printer.note(line);
  }
  for (const line of [...unreadRuns(outcome), ...troubleOf(outcome.told)]) printer.warn(line);
  throwEnding(context, ending);
}

function countTold(told: readonly Told[], wanted: Told["result"]): number {
  return told.filter(({ result }) => result === wanted).length;
}

async function printResult(
  context: Context,
  prepared: PreparedPause,
  { results, rows, isOutageTold }: PauseOutcome & { isOutageTold: boolean },
): Promise<void> {
  const { session, deployments, plan } = prepared;
  const isOne = isSingle(prepared.options) && rows.length === 1;
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
  await printRows(session.printer, { rows, isFleet, names, isSingle: isOne, isOutageTold });
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

function handOverLines(context: Context, { choice, ledger, outcome }: Summary): string[] {
  const { incident } = choice;
  const herm = (...words: string[]) => commandLine(context, words);
  const told = countTold(outcome.told, "told");
  const width = errWidth(context);
  const lines = [
    ...runLines(outcome),
    ...(told > 0 ? [`told ${counted(told, "run")}`] : []),
    `incident ${incident}: ${herm("incidents", "show", incident)} proves that it holds`,
    `undo: ${herm("automations", "resume", "--incident", incident)}`,
  ];
  const handOver = [`hand over: send ${ledger.place.path};`, "there: herm incidents import <file>"];
  return [...lines.map((line) => fold(line, width)), foldParts(handOver, { width, separator: " " })];
}

const mostNamed = 10;

/** What a pause doesn't stop. */
function runLines({ runs, readBack }: PauseOutcome): string[] {
  const count = runs === undefined ? "not read" : runsText(runs, readBack);
  const going = runs?.going ?? [];
  const named = going
    .slice(0, mostNamed)
    .map(({ item: { deployment_id, automation_id, name }, runs: own }) => {
      const several = own.length > 1 ? `, ${own.length} runs` : "";
      return `  under way: ${told(name)} (${deployment_id}/${automation_id})${several}`;
    });
  return [
    `Pausing stops schedules; not runs under way (${count}), not agents answering their customers.`,
    ...named,
    ...(going.length > mostNamed ? [`  … and of ${going.length - mostNamed} more automations`] : []),
  ];
}

function runsText({ going, unread }: RunsUnderWay<FleetItem>, readBack: PauseOutcome["readBack"]): string {
  const parts = [`${countRuns(going)}`];
  if (unread.length > 0) parts.push(`those of ${counted(unread.length, "automation")} not read`);
  const places = readBack?.unreadable.length ?? 0;
  if (places > 0) parts.push(`those of ${counted(places, "deployment")} not read`);
  return parts.join(", ");
}

function unreadRuns({ runs }: PauseOutcome): string[] {
  const [first, ...others] = runs?.unread ?? [];
  if (first === undefined) return [];
  const { item, error } = first;
  const name = `${told(item.name)} (${item.deployment_id}/${item.automation_id})`;
  const more = others.length > 0 ? ` and of ${others.length} more` : "";
  return [`the runs of ${name}${more} can't be read: ${messageOf(error)}`];
}

function troubleOf(messages: readonly Told[]): string[] {
  return messages.flatMap(({ item, runId, result, reason }) => {
    if (result !== "failed" && result !== "unknown") return [];
    const isOne = runId !== "";
    const what = isOne ? runId : `the runs of ${told(item.name)}`;
    const why = reason === undefined ? "" : `: ${reason}`;
    return [
      result === "failed"
        ? `${what} in ${item.deployment_id} ${isOne ? "wasn't" : "weren't"} told${why}`
        : `whether ${what} in ${item.deployment_id} ${isOne ? "was" : "were"} told isn't known${why}`,
    ];
  });
}

function goOn({ incident, isGiven }: LedgerChoice): string {
  return `run the same command again to finish${isGiven ? "" : `, with --incident ${incident}`}`;
}
