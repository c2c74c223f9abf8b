import type { DeploymentSummary, MessageAnswer } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { DeclinedError, NotPossibleError, type PartialFailureError } from "../../../errors/cli-errors.js";
import type { Selection } from "../../../fleet/selection.js";
import { unreadableError, warnOfUnreadable } from "../../../operations/rows/progress.js";
import { reachLine, readReach } from "../../../operations/rows/reach.js";
import { widenSelection } from "../../../operations/selection/resolve.js";
import { sourcesOf } from "../../../operations/selection/selected-automations.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { errWidth } from "../../../output/sink.js";
import { factSeparator } from "../../../output/style.js";
import { foldParts } from "../../../output/text/fold.js";
import { ago } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import { type RunRow, runRef } from "../../../runs/run-row.js";
import { collectRuns } from "../list/collect-runs.js";
import { answerJson, printSent, showQuestion } from "./answer-one.js";
import { askAnswerTo, readAgain, savedTextNote, sendAnswer } from "./send-answer.js";

export interface FoundRuns {
  rows: readonly RunRow[];
  deployments: readonly DeploymentSummary[];
  unreadable?: PartialFailureError | undefined;
}

export async function findWaiting(context: Context, selection: Selection): Promise<FoundRuns> {
  const printer = await createPrinter(context);
  const where = await sourcesOf(context, { refs: [], selection });
  const collected = await collectRuns(context, { ...where, selection, printer, refusesUnmatched: true });
  await warnOfUnreadable(collected.unreadable, { printer, settings: context.settings });
  const deployments = where.targets.map(({ deployment_id, name }) => ({ deployment_id, name }));
  return {
    rows: collected.rows.filter(isWaitingRun),
    deployments,
    unreadable: unreadableError(collected.unreadable),
  };
}

export function isWaitingRun({ run }: Pick<RunRow, "run">): boolean {
  return run.status === "waiting_on_human";
}

/** Asks for an answer to each waiting run; an empty answer skips it. */
export async function answerWaiting(
  context: Context,
  { selection: given }: { selection: Selection },
): Promise<void> {
  const selection = widenSelection(context, given);
  const printer = await createPrinter(context);
  const { rows: waiting, deployments, unreadable } = await findWaiting(context, selection);
  if (waiting.length === 0) {
    const reach = await readReach(context, printer, { deployments, selection });
    if (reach !== undefined) printer.note(reachLine(reach, "not shown"));
    printer.note("no run is waiting for an answer");
  }
  const answers: Record<string, unknown>[] = [];
  let declined: DeclinedError | undefined;
  for (const [at, row] of waiting.entries()) {
    const where = deployments.length > 1 ? [textOrDash(row.deployment_name)] : [];
    const who = [textOrDash(row.automation.name), ...where, runRef(row)];
    const to = [...where, textOrDash(row.automation.name)].join("/");
    printPosition(context, printer, { position: `${at + 1} of ${waiting.length}`, who, row });
    try {
      const answer = await answerRow(context, { row, to, printer });
      if (answer !== undefined) answers.push(answerJson(answer, row.deployment_id));
    } catch (error) {
      if (!(error instanceof DeclinedError)) throw error;
      const { length } = answers;
      declined =
        length === 0
          ? error
          : new DeclinedError(`${length} answered; nothing else changed${savedTextNote(error)}`);
      break;
    }
  }
  await printer.format.whole?.(printer, answers);
  if (declined !== undefined) throw declined;
  if (unreadable !== undefined) throw unreadable;
}

function printPosition(
  context: Context,
  { err, errStyle }: Printer,
  { position, who, row }: { position: string; who: readonly string[]; row: RunRow },
): void {
  const facts = [...who, ago(row.run.started_at, context.serverNow())];
  const width = errWidth(context);
  const title = foldParts(
    facts.map((fact) => safe(fact, "cell")),
    { width: width && width - position.length - 1, separator: factSeparator(errStyle) },
  );
  err(`\n${errStyle.bold(position)} ${title}\n`);
}

async function answerRow(
  context: Context,
  { row, to, printer }: { row: RunRow; to: string; printer: Printer },
): Promise<MessageAnswer | undefined> {
  try {
    const found = await readAgain(context, row);
    if (!isWaitingRun(found)) {
      printer.note("it is no longer waiting");
      return undefined;
    }
    const question = await showQuestion(context, { found, printer });
    const text = await askAnswerTo(context, to, { question, isSkippable: true });
    if (text.trim() === "") return undefined;
    const answer = await sendAnswer(context, { run: row, text });
    // Prints each answer at once, except in formats that print a single value: those print an array at the end.
    if (printer.format.whole === undefined) await printSent(context, printer, { answer, found });
    return answer;
  } catch (error) {
    if (!(error instanceof NotPossibleError)) throw error;
    printer.note(error.message);
    return undefined;
  }
}
