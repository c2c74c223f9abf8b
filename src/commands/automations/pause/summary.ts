import { commandAgain } from "../../../command/again.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import { countRuns } from "../../../fleet/runs-under-way.js";
import type { Ledger } from "../../../incident/ledger.js";
import { isOwn } from "../../../incident/ledger-state.js";
import type { ToldRun } from "../../../incident/tell.js";
import { counted, firstOf } from "../../../output/count.js";
import { fold, foldParts } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import { errWidth } from "../../../output/sink.js";
import { messageOf } from "../../../report.js";
import { type CountParts, countsOf, type FleetEnding, printCounts, throwEnding } from "../../fleet/ending.js";
import type { Names } from "../../fleet/names.js";
import { isWholeOutage } from "../../fleet/outage.js";
import { printRows } from "../../fleet/print-rows.js";
import { unexpectedText } from "../../fleet/since-words.js";
import type { LedgerChoice } from "../../incidents/ledger-choice.js";
import { printChanged } from "../shared/changed.js";
import { isSingle, namesOf, type PauseOutcome, type PreparedPause } from "./prepared.js";

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
    hint: () => `${pauseAgain(context, prepared.options.refs, choice)} finishes it`,
  };
  const names = namesOf(prepared);
  const hasResult = !isWholeOutage(ending);
  const { acknowledged } = outcome;
  const say = (lines: readonly string[]) => {
    for (const line of lines) printer.note(fold(safe(line, "cell"), errWidth(context)));
  };
  if (hasResult) say(runLines(outcome, names));
  await printResult(context, prepared, { ...outcome, isTold: hasResult });
  for (const line of [...unreadRuns(outcome, names), ...troubleOf(outcome.told, names)]) printer.warn(line);
  if (hasResult) {
    await printCounts(printer, countParts(outcome));
    if (acknowledged > 0) say([`${unexpectedText(acknowledged)} before this pause: acknowledged`]);
    say(standingLines(context, summary));
    printer.note(handOverLine(context, summary));
  }
  throwEnding(context, ending);
  refuseUnexpected(outcome, choice);
}

/** It was paused, and ran all the same. */
function refuseUnexpected({ rows }: PauseOutcome, { incident }: LedgerChoice): void {
  const unexpected = rows.filter(({ result }) => result === "unexpected");
  const [first] = unexpected;
  if (first === undefined) return;
  const isOne = unexpected.length === 1;
  throw new PartialFailureError(
    `${counted(unexpected.length, "automation")} ran although ${isOne ? "it is" : "they are"} paused${isOne ? ": " : "; first: "}${first.reason}`,
    {
      hint: (herm) => `${herm("incidents", "show", incident, "--watch")} reports each further one`,
    },
  );
}

/** The command that finishes what failed or wasn't begun. */
function pauseAgain(context: Context, refs: readonly string[], { incident }: LedgerChoice): string {
  return commandAgain(context, { arguments: refs, flags: { incident } });
}

function countTold(told: readonly ToldRun[], wanted: ToldRun["result"]): number {
  return told.filter(({ result }) => result === wanted).length;
}

async function printResult(
  context: Context,
  prepared: PreparedPause,
  { results, rows, isTold }: PauseOutcome & { isTold: boolean },
): Promise<void> {
  const { session, deployments, plan } = prepared;
  if (session.printer.isForPerson && !isTold) return;
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
  await printRows(session.printer, {
    rows,
    deployments,
    isSingle: isOne,
  });
}

/** `371 paused`, `12 paused already`, `2 left to other incidents`, `0 enabled`. */
function countParts({ rows, readBack }: PauseOutcome): CountParts {
  const changes = countsOf(rows, [
    ["paused", "paused"],
    ["unexpected", "unexpected"],
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

/** Where the incident stands: that it holds is said only where nothing speaks against it. */
function standingLines(context: Context, { choice, outcome, ledger }: Summary): string[] {
  const { incident } = choice;
  const hasPaused = [...(ledger.state?.items.values() ?? [])].some(isOwn);
  const herm = (...words: string[]) => commandLine(context, words);
  return [
    `Pausing stops schedules, but not runs under way (${runsText(outcome)}) or agents answering their customers.`,
    ...(isHolding(outcome)
      ? [`incident ${incident}: ${herm("incidents", "show", incident)} proves that it holds`]
      : []),
    ...(hasPaused ? [`undo: ${herm("automations", "resume", "--incident", incident)}`] : []),
  ];
}

function isHolding({ rows, readBack, runs, told }: PauseOutcome): boolean {
  if (readBack === undefined || readBack.unreadable.length > 0) return false;
  const isDone = [...rows, ...told].every(
    ({ result }) => !["failed", "unexpected", "unknown", "skipped"].includes(result),
  );
  const areRunsKnown = runs !== undefined && runs.unread.length === 0;
  return isDone && areRunsKnown && readBack.items.every(({ automation }) => automation.enabled === false);
}

function handOverLine(context: Context, { ledger }: Summary): string {
  const parts = [`hand over: send ${ledger.place.path};`, "there: herm incidents import <file>"];
  return foldParts(parts, { width: errWidth(context), separator: " " });
}

const mostNamed = 10;

/** What a pause doesn't stop, and who was told. */
function runLines({ runs, told: messages }: PauseOutcome, names: Names): string[] {
  const going = (runs?.going ?? []).map(({ item, runs: own }) => ({ ...item, count: own.length }));
  const lines = names.once(going).map(({ what, items }) => {
    const count = items.reduce((sum, item) => sum + item.count, 0);
    return `under way: ${what}${count > items.length ? `, ${count} runs` : ""}`;
  });
  const told = countTold(messages, "told");
  return [...firstOf(lines, mostNamed), ...(told > 0 ? [`told ${counted(told, "run")}`] : [])];
}

function runsText({ runs, readBack }: PauseOutcome): string {
  if (runs === undefined) return "not read";
  const { going, unread } = runs;
  const parts = [`${countRuns(going)}`];
  if (unread.length > 0) parts.push(`those of ${counted(unread.length, "automation")} not read`);
  const places = readBack?.unreadable.length ?? 0;
  if (places > 0) parts.push(`those of ${counted(places, "deployment")} not read`);
  return parts.join(", ");
}

function unreadRuns({ runs }: PauseOutcome, names: Names): string[] {
  const [first, ...others] = runs?.unread ?? [];
  if (first === undefined) return [];
  const more = others.length > 0 ? ` and of ${others.length} more` : "";
  return [`the runs of ${names.of(first.item)}${more} can't be read: ${messageOf(first.error)}`];
}

function troubleOf(messages: readonly ToldRun[], names: Names): string[] {
  return messages.flatMap(({ item, runId, result, reason }) => {
    if (result !== "failed" && result !== "unknown") return [];
    const isOne = runId !== "";
    const what = isOne ? `run ${runId} of ${names.of(item)}` : `the runs of ${names.of(item)}`;
    const why = reason === undefined ? "" : `: ${reason}`;
    return [
      result === "failed"
        ? `${what} ${isOne ? "wasn't" : "weren't"} told${why}`
        : `whether ${what} ${isOne ? "was" : "were"} told isn't known${why}`,
    ];
  });
}
