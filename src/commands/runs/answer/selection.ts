import type { Context } from "../../../context.js";
import { DeclinedError, NotPossibleError, UnrecordedError, UsageError } from "../../../errors.js";
import { execute } from "../../../fleet/execute.js";
import { failureOf } from "../../../fleet/failure.js";
import { type ItemResult, wentWrong } from "../../../fleet/outcome.js";
import type { Selection } from "../../../fleet/selection.js";
import { counted } from "../../../output/count.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { errWidth } from "../../../output/sink.js";
import { cut } from "../../../output/width.js";
import { messagesOf, questionIn } from "../../../run-view/thread-text.js";
import { readRunAt } from "../../../runs/find.js";
import { persist } from "../../fleet/persist.js";
import { openProgress } from "../../fleet/progress.js";
import { collectRuns } from "../list/collect.js";
import { targetsOf } from "../list/targets.js";
import { type AskingRun, groupQuestions, readQuestions, renderQuestions } from "./questions.js";
import { type AnswerRow, printAnswerRows } from "./rows.js";
import { answerText, openAnswers } from "./send.js";

export interface AnswerSelection {
  selection: Selection;
  text: string;
  /** Nobody is asked. */
  isSure: boolean;
}

/**
 * Sends one text to every waiting run of a selection whose question was shown and is still the same right before
 * (src/run-view/README.md, "Answering a run"). Prints a row each, then throws what the exit code asks for.
 */
export async function answerSelection(context: Context, options: AnswerSelection): Promise<void> {
  const { selection, text, isSure } = options;
  if (!isSure && !context.io.canPrompt) {
    throw new UsageError("answering several runs needs --yes when there is nobody to ask", {
      hint: (herm) => `${herm("runs", "list", "--waiting")} shows what waits`,
    });
  }
  const printer = await createPrinter(context);
  await persist(context);
  const where = await targetsOf(context, { refs: [], selection });
  const isFleet = where.targets.length > 1;
  const collected = await collectRuns(context, { ...where, selection, printer, refusesUnfitted: true });
  const waiting = collected.rows.filter(({ run }) => run.status === "waiting_on_human");
  const asking = await readQuestions(context, waiting);
  const shown = asking.filter(({ question }) => question !== undefined);
  const groups = groupQuestions(asking);
  if (waiting.length === 0) printer.note("no run waits for an answer");
  if (groups.length > 0)
    printer.err(renderQuestions(groups, { isFleet, style: printer.errStyle, width: errWidth(context) }));
  if (!isSure && shown.length > 0) await askWhether(context, { text, runs: shown.length });
  const results = await sendAll(context, { shown, text, printer });
  const rows = [...asking.flatMap(unreadRow), ...results.map(resultRow)];
  if (waiting.length > 0 || !printer.isForPerson) await printAnswerRows(printer, { rows, isFleet });
  context.signal.throwIfAborted();
  const failure = failureOf(
    [...asking.flatMap(unreadResult), ...results],
    "the same command again answers what still waits",
  );
  if (failure === undefined) return collected.throwFailure();
  await collected.tellFailures();
  throw failure;
}

async function askWhether(
  { prompts }: Pick<Context, "prompts">,
  { text, runs }: { text: string; runs: number },
): Promise<void> {
  const message = `Answer ${counted(runs, "run")} with "${cut(safe(answerText(text), "cell"), 40)}"?`;
  if (!(await prompts.confirm({ message, default: false }))) throw new DeclinedError("nothing was sent");
}

/** What became of a run: answered, or left for a reason. */
type Answered = Pick<AnswerRow, "result" | "reason">;

async function sendAll(
  context: Context,
  { shown, text, printer }: { shown: readonly AskingRun[]; text: string; printer: Printer },
): Promise<ItemResult<AskingRun, Answered>[]> {
  const client = await context.client();
  const isBar = context.io.stderrIsTty;
  const progress = openProgress(context, printer, { verb: "Answering", total: isBar ? shown.length : 0 });
  const answers = await openAnswers(context, { printer, progress });
  const answerOne = async ({ row, question }: AskingRun): Promise<Answered> => {
    const { deploymentId, automation, run } = row;
    try {
      const place = { deploymentId, automationId: automation.automation_id };
      const found = await readRunAt({ client, runId: run.run_id, signal: context.signal }, place);
      if (found?.run.status !== "waiting_on_human") return { result: "left", reason: "it no longer waits" };
      const check = (thread: Parameters<typeof messagesOf>[0]) => {
        if (questionIn(messagesOf(thread, found.run)) !== question)
          throw new NotPossibleError("its question has changed");
      };
      await answers.send({ found, text, check });
      return { result: "answered" };
    } catch (error) {
      if (error instanceof UnrecordedError) throw error;
      if (error instanceof NotPossibleError) return { result: "left", reason: error.message };
      throw error;
    }
  };
  return execute<AskingRun, Answered>({
    items: shown,
    signal: context.signal,
    deploymentOf: ({ row }) => row.deploymentId,
    persistence: client.persistence,
    run: async (item) => ({ result: "done", value: await answerOne(item) }),
    onOutcome: (_, outcome) => progress.item("", wentWrong(outcome)),
  }).finally(async () => {
    progress.finish();
    await answers.close();
  });
}

function resultRow({ item, outcome }: ItemResult<AskingRun, Answered>): AnswerRow {
  if ("value" in outcome) return { row: item.row, ...outcome.value };
  if (outcome.result === "skipped") return { row: item.row, result: "skipped", reason: outcome.reason };
  return { row: item.row, result: outcome.result, error: outcome.error };
}

/** A run whose question could not be shown gets no answer. */
function unreadRow({ row, question, error }: AskingRun): AnswerRow[] {
  if (question !== undefined) return [];
  const isFailed = error !== undefined;
  return [
    isFailed
      ? { row, result: "failed", error }
      : { row, result: "left", reason: "its question can't be read" },
  ];
}

function unreadResult(item: AskingRun): ItemResult<AskingRun, Answered>[] {
  const { error } = item;
  return error === undefined ? [] : [{ item, outcome: { result: "failed", error } }];
}
