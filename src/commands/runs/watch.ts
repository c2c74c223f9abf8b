import type { Command } from "commander";
import { isFinal } from "../../api/run-status.js";
import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { addFollowTimeout, type FollowFlags, followTimeoutMs } from "./follow/flags.js";
import { followRun } from "./follow/follow.js";
import { readMessages } from "./shared/messages.js";
import { requireRunRef } from "./shared/require-run-ref.js";
import { resolveRun } from "./shared/resolve-run.js";

export interface WatchOptions {
  ref: string | undefined;
  timeoutMs: number | undefined;
}

export function addRunsWatchCommand(parent: Command, context: Context): void {
  const command = parent
    .command("watch")
    .argument("[run|ref]", "a run (run_…), or an automation for its newest run");
  addFollowTimeout(command).action((ref: string | undefined, flags: FollowFlags) =>
    watchRun(context, { ref, timeoutMs: followTimeoutMs(context, flags) }),
  );
}

/** Follows a run to its end; of one that is over it shows text and outcome. */
export async function watchRun(context: Context, { ref, timeoutMs }: WatchOptions): Promise<void> {
  const found = await resolveRun(context, await requireRunRef(context, { ref, verb: "watch" }));
  const { deploymentId, automation, run } = found;
  const threadId = run.thread_id ?? automation.thread_id;
  const printer = await createPrinter(context);
  if (run.status === "running") printer.note("joined late: what it said until now comes from its thread");
  await followRun(context, {
    deploymentId,
    automation,
    query: { run_id: run.run_id },
    timeoutMs,
    begin: async () => ({
      runId: run.run_id,
      ...(threadId ? { threadId } : {}),
      joined: { run, messages: (await readMessages(context, found)) ?? [] },
    }),
    onlyReads: true,
    isOver: isFinal(run.status),
  });
}
