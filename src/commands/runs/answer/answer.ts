import type { AutomationDetail, Run } from "../../../api/types.js";
import { optional } from "../../../command/arguments.js";
import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { reasonFlag, seldom, text, yes } from "../../../command/flags.js";
import { followCodes, requestCodes } from "../../../command/help.js";
import { refuseTogether } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";
import { type CommandWriter, NotPossibleError, refuseEmpty, UsageError } from "../../../errors.js";
import type { Selection } from "../../../fleet/selection.js";
import { createPrinter } from "../../../output/printer.js";
import { told } from "../../../output/value-text.js";
import { readSelection, refuseSelection, selectionFlags } from "../../targets/selection.js";
import { followFlags, followTimeoutMs, isFollowed } from "../follow/flags.js";
import { resolveRun } from "../shared/resolve-run.js";
import { type AnswerOne, answerOne } from "./one.js";
import { answerWaiting } from "./waiting.js";

interface AnswerOptions extends Omit<AnswerOne, "found"> {
  ref: string | undefined;
  selection: Selection;
  /** Goes to every waiting run of the selection. */
  textForAll: string | undefined;
  /** Nobody is asked before that. */
  isSure: boolean;
}

export const command = declareCommand({
  effect: "changes",
  arguments: {
    ref: optional("run|ref", "a run (run_…), or an automation for its waiting run", {
      completes: "runs or refs",
    }),
    answer: optional("text", "the answer; y and n are short for yes and no"),
  },
  flags: {
    text: text("text", "the answer to every waiting run of the selection"),
    yes: yes("answer the selection without asking"),
    steer: yes("also send it to a run that is running"),
    ...followFlags,
    ...selectionFlags,
    reason: seldom(reasonFlag),
  },
  help: {
    about: "Answer a run that waits for a human; without a run, one waiting run after the other.",
    use: "When a run asks before it acts. It shows the question first; y and n are short for yes and no. --steer also sends text to a run that is still running.",
    notes:
      "--text answers all waiting runs of a selection at once: it shows each question with the runs that ask it, and asks once. A run whose question has changed meanwhile gets no answer.",
    inPipe:
      "run id, thread id and status; followed: the run as plain lines; with --text: name, result, run id, why (with several deployments the deployment's id first)",
    exitCodes: requestCodes({
      4: "no such deployment, automation or run",
      6: "the run doesn't wait, or a name matches several; nothing was sent",
      8: "some runs could not be answered",
      ...followCodes,
      12: "whether the answer arrived, or how the run ended, is unknown",
    }),
    examples: [
      "herm runs answer",
      "herm runs answer run_8Qk2 yes",
      'herm runs answer --text yes --match "Weekly*" --all-deployments',
    ],
  },
  async run(context, input): Promise<void> {
    await answerRuns(context, await readInput(context, input));
  },
});

async function readInput(context: Context, input: InputOf<typeof command>): Promise<AnswerOptions> {
  const { ref, answer, follow, steer, text, yes } = input;
  if (answer !== undefined) refuseEmpty("the answer", answer);
  if (ref === undefined && follow === true) throw new UsageError("--follow needs a run to follow");
  refuseTogether(
    { "a run": ref, "--text": text },
    { hint: (herm) => herm("runs", "answer", ref ?? "<run>", text ?? "<text>") },
  );
  refuseTogether({ "--steer": steer, "--text": text });
  if (yes && text === undefined) throw new UsageError("--yes needs --text");
  return {
    ref,
    text: answer,
    textForAll: text,
    isSure: yes,
    selection: readSelection(context, input),
    steer,
    isFollowed: isFollowed(await createPrinter(context), input),
    timeoutMs: followTimeoutMs(context, input),
  };
}

/** Answers one run, all of a selection with one text, or, where somebody can be asked, one after the other. */
async function answerRuns(context: Context, options: AnswerOptions): Promise<void> {
  const { ref, text, textForAll, selection, steer, isSure } = options;
  if (textForAll !== undefined) {
    const { answerSelection } = await import("./selection.js");
    return answerSelection(context, { selection, text: textForAll, isSure });
  }
  const { canPrompt } = context.io;
  if (!canPrompt && (ref === undefined || text === undefined)) {
    throw new UsageError(ref === undefined ? "which run to answer, and what?" : "what is the answer?", {
      hint: (herm) =>
        `${herm("runs", "answer")} <run> <text>, or --text <text> for all that wait; ${seeWaiting(herm)}`,
    });
  }
  if (ref === undefined) return answerWaiting(context, { selection });
  refuseSelection(selection);
  const found = await resolveRun(context, ref, (automation) => waitingRun(automation, steer));
  return answerOne(context, { ...options, found });
}

const seeWaiting = (herm: CommandWriter) => `${herm("runs", "list", "--waiting")} shows what waits`;

/** The run of an automation that takes an answer: its newest that waits, else with `steer` its newest that runs. */
function waitingRun({ recent_runs: runs, name }: AutomationDetail, steer: boolean): Run {
  const waiting = runs.find((run) => run.status === "waiting_on_human");
  const running = steer ? runs.find((run) => run.status === "running") : undefined;
  const run = waiting ?? running;
  if (run !== undefined) return run;
  throw new NotPossibleError(`no run of "${told(name)}" waits for an answer`, {
    hint: (herm) => `nothing was sent; ${seeWaiting(herm)}`,
  });
}
