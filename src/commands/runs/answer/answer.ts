import type { Command } from "commander";
import type { AutomationDetail, Run } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { type CommandWriter, ConflictError, UsageError } from "../../../errors.js";
import type { Selection } from "../../../fleet/selection.js";
import { addSelectionFlags, readSelection, type SelectionFlags } from "../../targets.js";
import { addFollowFlags, type FollowFlags, followTimeoutMs, isFollowed } from "../follow/flags.js";
import { refuseSelection } from "../list/targets.js";
import { resolveRun } from "../shared/resolve-run.js";
import { answerOne } from "./one.js";
import { answerWaiting } from "./waiting.js";

export interface AnswerOptions {
  ref: string | undefined;
  text: string | undefined;
  selection: Selection;
  /** Also a run that is running. */
  steer: boolean;
  isFollowed: boolean;
  timeoutMs: number | undefined;
}

interface AnswerFlags extends SelectionFlags, FollowFlags {
  steer?: boolean;
}

export function addRunsAnswerCommand(parent: Command, context: Context): void {
  const command = parent
    .command("answer")
    .argument("[run|ref]", "a run (run_…), or an automation for its waiting run")
    .argument("[text]", "the answer; y and n are short for yes and no")
    .option("--steer", "also send it to a run that is running");
  addSelectionFlags(addFollowFlags(command)).action(
    (ref: string | undefined, text: string | undefined, flags: AnswerFlags) =>
      answerRuns(context, readFlags(context, { ref, text, flags })),
  );
}

function readFlags(
  context: Context,
  { ref, text, flags }: { ref: string | undefined; text: string | undefined; flags: AnswerFlags },
): AnswerOptions {
  if (text !== undefined && text.trim() === "") throw new UsageError("the answer is empty");
  if (ref === undefined && flags.follow === true) throw new UsageError("--follow needs a run to follow");
  return {
    ref,
    text,
    selection: readSelection(context, flags),
    steer: flags.steer === true,
    isFollowed: isFollowed(context, flags),
    timeoutMs: followTimeoutMs(context, flags),
  };
}

/** Answers one run, or, where somebody can be asked, every waiting run of the selection. */
export async function answerRuns(context: Context, options: AnswerOptions): Promise<void> {
  const { ref, text, selection, steer } = options;
  const { canPrompt } = context.io;
  if (!canPrompt && (ref === undefined || text === undefined)) {
    throw new UsageError(ref === undefined ? "which run to answer, and what?" : "what is the answer?", {
      hint: (herm) => `${herm("runs", "answer")} <run> <text>; ${seeWaiting(herm)}`,
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
  throw new ConflictError(`no run of "${name}" waits for an answer`, {
    hint: (herm) => `nothing was sent; ${seeWaiting(herm)}`,
  });
}
