import { declareCommand, followCodes, type InputOf, requestCodes } from "../../../command/declaration.js";
import { flag, optional, several, text } from "../../../command/flags.js";
import { refuseTogether } from "../../../command-line/flag-values.js";
import { refuseEmpty, UsageError } from "../../../errors/cli-errors.js";
import { operationFlags, resultFields } from "../../../operations/change-flags.js";
import {
  readSelection,
  refuseSelection,
  selectionFlags,
} from "../../../operations/selection/selection-flags.js";
import { createPrinter } from "../../../output/printer.js";
import { followFlags, followTimeoutMs, isFollowed } from "../follow/follow-flags.js";
import { answerNamed } from "./answer-one.js";
import { answerWaiting } from "./waiting-runs.js";

export const command = declareCommand({
  effect: "changes",
  arguments: {
    ref: optional("run|ref", "a run (run_…), or an automation with a waiting run", {
      completes: "runs or refs",
    }),
    words: several("text", "the answer; with --text, further runs or automations"),
  },
  flags: {
    text: text("text", "one answer for several runs, or for all waiting runs"),
    steer: flag("send the text even to a run in progress"),
    ...followFlags,
    ...selectionFlags,
    ...operationFlags,
  },
  help: {
    about: "Answer a waiting run or, if you don't name one, all waiting runs one by one.",
    use: "Answer a run that asks before it acts. It shows the question first; y and n mean yes and no. With --steer, it also sends text to a run in progress.",
    notes:
      "--text answers the given runs, or all waiting runs in a selection; it shows their questions and asks for confirmation once. It doesn't answer a run whose question has changed since.",
    inPipe: `run id, thread id and status; with --follow, the run as plain lines; for several: ${resultFields}`,
    exitCodes: requestCodes({
      4: "no such deployment, automation or run",
      6: "the run isn't waiting, or a name matches several; nothing was sent",
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
    const { ref, words, text: given, steer } = input;
    const refs = [ref ?? [], words].flat();
    const selection = readSelection(context, input);
    if (refs.length > 0) refuseSelection(selection);
    if (given !== undefined && (refs.length !== 1 || input.dryRun)) {
      refuseTogether({ "--text for several runs": true, "--steer": steer, "--follow": input.follow });
      const { answerMany } = await import("./answer-many.js");
      return answerMany(context, { refs, selection, text: given, input });
    }
    const answer = given ?? oneWord(words, ref);
    if (given === undefined) refuseWithoutText(input);
    const { canPrompt } = context.io;
    if (!canPrompt && (ref === undefined || answer === undefined)) {
      throw new UsageError(ref === undefined ? "no run and no answer given" : "no answer given", {
        hint: (herm) =>
          `to see the waiting runs: ${herm("runs", "list", "--waiting")}; to answer one, or all with --text <text>: ${herm("runs", "answer")} <run> <text>`,
      });
    }
    if (ref === undefined) return answerWaiting(context, { selection });
    const isToFollow = isFollowed(await createPrinter(context), input);
    const timeoutMs = followTimeoutMs(context, input);
    return answerNamed(context, ref, { text: answer, steer, isFollowed: isToFollow, timeoutMs });
  },
});

function oneWord(words: readonly string[], ref = "<run>"): string | undefined {
  const [answer, ...others] = words;
  if (answer !== undefined) refuseEmpty("the answer", answer);
  if (others.length === 0) return answer;
  throw new UsageError("put an answer of several words in quotes", {
    hint: (herm) => herm("runs", "answer", ref, words.join(" ")),
  });
}

function refuseWithoutText({ ref, follow, yes, dryRun }: InputOf<typeof command>): void {
  if (ref === undefined && follow === true) throw new UsageError("--follow needs a run to follow");
  if (yes || dryRun) throw new UsageError(`${yes ? "--yes" : "--dry-run"} needs --text`);
}
