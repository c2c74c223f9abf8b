import type { Context } from "../../../context/context.js";
import { NotPossibleError, UnrecordedError } from "../../../errors/cli-errors.js";
import type { Success } from "../../../fleet/outcome.js";
import type { Selection } from "../../../fleet/selection.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { OperationInput, Plan, SendTools } from "../../../operations/operation.js";
import { Names } from "../../../operations/rows/names.js";
import { readReach } from "../../../operations/rows/reach.js";
import { type FleetRow, failureFields, itemRow } from "../../../operations/rows/result-rows.js";
import { runOperation } from "../../../operations/run-operation.js";
import { counted } from "../../../output/count.js";
import { createPrinter } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { foldParts } from "../../../output/text/fold.js";
import { cut } from "../../../output/width.js";
import { waitingRun } from "../../../runs/find.js";
import { markedQuestion } from "../../../runs/render.js";
import { type RunRow, runRef } from "../../../runs/run-row.js";
import { messagesOf, questionIn } from "../../../runs/thread-text.js";
import { type AskingRun, readQuestionsOf } from "../shared/messages.js";
import { resolveRun } from "../shared/resolve-run.js";
import { answerText, readAgain, sendAnswerBy } from "./send-answer.js";
import { type FoundRuns, findWaiting, isWaitingRun } from "./waiting-runs.js";

/**
 * Sends one text to several waiting runs, if their questions were shown and haven't changed since (src/runs/README.md,
 * "Answering a run").
 */
export async function answerMany(
  context: Context,
  work: { refs: readonly string[]; selection: Selection; text: string; input: OperationInput },
): Promise<void> {
  const { refs, text, input } = work;
  await runOperation<AskingRun, string | undefined>(context, {
    words: { verb: "Answer", doing: "Answering", done: "answered", noun: "run" },
    input,
    confirmationSubject: refs.length === 0 ? "answering all waiting runs" : undefined,
    plan: async () => {
      const found = await (refs.length === 0
        ? findWaiting(context, work.selection)
        : findNamed(context, refs));
      const { deployments, unreadable: incomplete } = found;
      const plan = { ...(await planAnswers(context, found, text)), incomplete };
      if (refs.length > 0) return plan;
      const reach = await readReach(context, await createPrinter(context), { ...work, deployments });
      return { ...plan, view: { ...plan.view, reach } };
    },
    subject: ({ row }) => subjectOf(row),
    send: (asking, tools) => answerOne(context, asking, { ...tools, text }),
    detail: ({ row }, success) => ({
      ...ofRun(row),
      ...(success?.value === undefined ? {} : { result: "skipped", reason: success.value }),
    }),
  });
}

/** Returns each run once; a ref to an automation means its waiting run, or else its newest. */
async function findNamed(context: Context, refs: readonly string[]): Promise<FoundRuns> {
  const found = new Map<string, RunRow>();
  for (const ref of refs) {
    const row = await resolveRun(context, ref, waitingRun);
    found.set(runRef(row), row);
  }
  const rows = [...found.values()];
  const ids = new Set(rows.map(({ deployment_id }) => deployment_id));
  return { rows, deployments: [...ids].map((deployment_id) => ({ deployment_id })) };
}

async function planAnswers(
  context: Context,
  { rows, deployments }: FoundRuns,
  text: string,
): Promise<Plan<AskingRun>> {
  const asking = await readQuestionsOf(context, rows.filter(isWaitingRun));
  const names = new Names(rows.map(subjectOf), deployments);
  const items = asking.filter(({ question }) => question !== undefined);
  const unreadable = asking.filter(({ question }) => question === undefined);
  const unsentRows = [
    ...rows
      .filter((row) => !isWaitingRun(row))
      .map((row) => skippedRow(row, "it isn't waiting for an answer")),
    ...unreadable.map(({ row, error }): FleetRow => {
      const skipped = skippedRow(row, "its question can't be read");
      return error === undefined
        ? skipped
        : { ...skipped, reason: undefined, result: "failed", ...failureFields(error) };
    }),
  ];
  const question = `Answer ${counted(items.length, "run")} with "${cut(safe(answerText(text), "cell"), 40)}"?`;
  return {
    items,
    unsentRows,
    unreadable: [],
    deployments,
    names,
    question: items.length === 0 ? undefined : question,
    view: {
      body: ({ style, width }) => renderQuestions(items, { names, style, width }),
    },
  };
}

function skippedRow(row: RunRow, reason: string): FleetRow {
  return { ...itemRow(subjectOf(row)), ...ofRun(row), result: "skipped", reason };
}

function ofRun({ run }: RunRow): Pick<FleetRow, "run_id" | "isOfRun"> {
  return { run_id: run.run_id, isOfRun: true };
}

function subjectOf({ deployment_id, deployment_name, customer_id, automation }: RunRow) {
  const { automation_id, name } = automation;
  return { deployment_id, deployment_name, customer_id, automation_id, name };
}

async function answerOne(
  context: Context,
  { row, question }: AskingRun,
  { text, ...tools }: SendTools & { text: string },
): Promise<Success<string | undefined>> {
  const skipped = (value: string) => ({ result: "unchanged" as const, value });
  const found = await readAgain(context, row);
  if (!isWaitingRun(found)) return skipped("it is no longer waiting");
  const check = (thread: Parameters<typeof messagesOf>[0]) => {
    if (questionIn(messagesOf(thread, found.run)) !== question)
      throw new NotPossibleError("its question has changed");
  };
  try {
    await sendAnswerBy(context, tools, { found, text, check });
    return { result: "done", value: undefined };
  } catch (error) {
    if (error instanceof UnrecordedError || !(error instanceof NotPossibleError)) throw error;
    return skipped(error.message);
  }
}

const mostNamed = 5;

/** Groups runs by question, most frequent first. */
function renderQuestions(
  runs: readonly AskingRun[],
  { names, style, width }: { names: Names; style: Style; width: number | undefined },
): string[] {
  const groups = [...groupBy(runs, ({ question = "" }) => question)];
  groups.sort(([, one], [, other]) => other.length - one.length);
  return groups.flatMap(([question, asking]) => {
    const rows = asking.map(({ row }) => row);
    const asked = markedQuestion(question, style, width && Math.max(12, width));
    const called = rows.slice(0, mostNamed).map((row) => safe(names.of(subjectOf(row)), "cell"));
    const more = rows.length > mostNamed ? [`… and ${rows.length - mostNamed} more`] : [];
    const who = foldParts([`  ${counted(rows.length, "run")}`, ...called, ...more], { width });
    return [...asked, who];
  });
}
