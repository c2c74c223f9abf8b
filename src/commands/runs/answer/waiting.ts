import type { MessageAnswer } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import type { Selection } from "../../../fleet/selection.js";
import { foldParts } from "../../../output/fold.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { errWidth } from "../../../output/sink.js";
import { between } from "../../../output/style.js";
import { ago } from "../../../output/time.js";
import { told } from "../../../output/value-text.js";
import { readRunAt } from "../../../runs/find.js";
import { type RunRow, runRef } from "../../../runs/run-row.js";
import { collectRuns } from "../list/collect.js";
import { targetsOf } from "../list/targets.js";
import { answerJson, printSent, showQuestion } from "./one.js";
import { readAgain, sendAnswer } from "./send.js";

/** Walks through every waiting run of a selection: question, answer, next. An empty answer passes one over. */
export async function answerWaiting(
  context: Context,
  { selection }: { selection: Selection },
): Promise<void> {
  const printer = await createPrinter(context);
  const where = await targetsOf(context, { refs: [], selection });
  const { rows, throwFailure } = await collectRuns(context, {
    ...where,
    selection,
    printer,
    refusesUnfitted: true,
  });
  const waiting = rows.filter(({ run }) => run.status === "waiting_on_human");
  if (waiting.length === 0) printer.note("no run waits for an answer");
  const answers: Record<string, unknown>[] = [];
  for (const [at, row] of waiting.entries()) {
    const place = `${at + 1} of ${waiting.length}`;
    const facts = [told(row.automation.name), runRef(row), ago(row.run.started_at, context.serverNow())];
    const width = errWidth(context);
    const title = foldParts(
      facts.map((fact) => safe(fact, "cell")),
      { width: width && width - place.length - 1, separator: between(printer.errStyle) },
    );
    printer.err(`\n${printer.errStyle.bold(place)} ${title}\n`);
    const answer = await answerRow(context, { row, printer });
    if (answer !== undefined) answers.push(answerJson(answer, row.deploymentId));
  }
  await printer.format.whole?.(printer, answers);
  await throwFailure();
}

/** Undefined: it was passed over, or doesn't wait any more. */
async function answerRow(
  context: Context,
  { row, printer }: { row: RunRow; printer: Printer },
): Promise<MessageAnswer | undefined> {
  const { deploymentId, automation, run } = row;
  const place = { deploymentId, automationId: automation.automation_id };
  const client = await context.client();
  const found = await readRunAt({ client, runId: run.run_id, signal: context.signal }, place);
  if (found === undefined || found.run.status !== "waiting_on_human") {
    printer.note("it doesn't wait any more");
    return undefined;
  }
  await showQuestion(context, { found, printer });
  const text = await context.prompts.input({
    message: "Your answer (y, n or text; empty: the next one)",
    keeps: true,
  });
  if (text.trim() === "") return undefined;
  try {
    const now = await readAgain(context, { ...place, runId: run.run_id, steer: false });
    const answer = await sendAnswer(context, { found: now, text });
    // At once, but for a format of one value: there all of them are one array at the end.
    if (printer.format.whole === undefined) await printSent(printer, { answer, found });
    return answer;
  } catch (error) {
    if (!(error instanceof NotPossibleError)) throw error;
    printer.note(error.message);
    return undefined;
  }
}
