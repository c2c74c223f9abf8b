import { isFinal } from "../../api/schema.js";
import { declareCommand, followCodes, requestCodes } from "../../command/declaration.js";
import { optional } from "../../command/flags.js";
import { createPrinter } from "../../output/printer.js";
import { followTimeoutFlag, followTimeoutMs } from "./follow/follow-flags.js";
import { showFollowedRun } from "./follow/follow-run.js";
import { readMessages } from "./shared/messages.js";
import { requireRunRef, resolveRun } from "./shared/resolve-run.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    ref: optional("run|ref", "a run (run_…), or an automation, for its newest run", {
      completes: "runs or refs",
    }),
  },
  flags: followTimeoutFlag,
  help: {
    about: "Show a run's output so far and follow it to the end, or show how it ended.",
    use: "Return to a run, wherever it was started, and answer its question. Ctrl-C stops following; the run continues.",
    inPipe: "the run as plain lines; with --output jsonl, each event as it arrives",
    exitCodes: requestCodes({
      4: "no such deployment, automation or run",
      ...followCodes,
      12: "how the run ended is unknown",
    }),
    examples: [
      "herm runs watch run_8Qk2",
      'herm runs watch "Weekly video variations" --output jsonl --follow-timeout 10m',
    ],
  },
  async run(context, input): Promise<void> {
    const found = await resolveRun(context, await requireRunRef(context, { ref: input.ref, verb: "watch" }));
    const { deployment_id, automation, run } = found;
    const thread_id = run.thread_id ?? automation.thread_id;
    const printer = await createPrinter(context);
    if (run.status === "running") printer.note("joined late: earlier text is from its thread");
    await showFollowedRun(context, {
      deployment_id,
      automation,
      query: { run_id: run.run_id },
      timeoutMs: followTimeoutMs(context, input),
      startRun: async () => ({
        run_id: run.run_id,
        thread_id: thread_id || undefined,
        joined: { run, messages: (await readMessages(context, found)) ?? [] },
      }),
      onlyReads: true,
      isOver: isFinal(run.status),
    });
  },
});
