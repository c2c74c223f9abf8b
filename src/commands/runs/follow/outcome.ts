import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { OutcomeUnknownError, RunFailedError, RunWaitsError } from "../../../errors.js";
import type { FollowEnd } from "../../../run-view/follow-source.js";

export interface FollowOutcome {
  end: FollowEnd;
  /** `dep_…/run_…`. */
  ref: string;
  name: string;
  isReported: boolean;
}

/** Throws what a followed run's end means for the exit code; returns if it completed, or if nobody reads any more. */
export function throwOutcome(context: Context, { end, ref, name, isReported }: FollowOutcome): void {
  const { state, reason, cause } = end;
  const run = `${state.run_id} of "${name}"`;
  const show = commandLine(context, ["runs", "show", ref]);
  const watch = commandLine(context, ["runs", "watch", ref]);
  switch (reason) {
    case "closed":
      return;
    case "final":
      if (state.status === "completed") return;
      if (isReported) throw new RunFailedError(`${run} ended in error`);
      throw new RunFailedError(
        `${run} ended in error${state.error === undefined ? "" : `: ${state.error}`}`,
        {
          hint: `${show} shows all of it`,
        },
      );
    case "waiting":
      throw new RunWaitsError(`${run} waits for an answer: ${questionText(state.question)}`, {
        hint: commandLine(context, ["runs", "answer", ref, "yes"]),
      });
    case "timeout":
      throw new OutcomeUnknownError(`following ${run} ended before the run did`, {
        hint: `${watch} keeps following it`,
      });
    case "lost":
      throw new OutcomeUnknownError(`lost the stream of ${run}${causeText(cause)}`, {
        hint: `${show} shows its status`,
        cause,
      });
  }
}

function questionText(question: string | undefined): string {
  return question === undefined || question.trim() === "" ? "its question can't be read" : question;
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message}` : "";
}
