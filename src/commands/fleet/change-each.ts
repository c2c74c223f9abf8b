import type { Context } from "../../context.js";
import { execute } from "../../fleet/execute.js";
import { failureOf } from "../../fleet/failure.js";
import { createPrinter } from "../../output/printer.js";
import { messageOf } from "../../report.js";
import type { ResolvedAutomation } from "../targets/automations.js";
import { persist } from "./persist.js";
import { countDeployments, type FleetRow, printRows, type RowResult } from "./rows.js";

export interface RefWork<Target extends ResolvedAutomation> {
  targets: readonly Target[];
  done: Extract<RowResult, "paused" | "resumed" | "deleted">;
  /** Changes one; `false`: there was nothing to do. Its changes get no abort signal, so that their outcome is known. */
  change(target: Target): Promise<boolean>;
  /** The command that takes the changes back, of those that were made or may have been. */
  undo?(targets: readonly Target[]): string;
  concurrency?: number | undefined;
}

/**
 * Changes several automations, some at once; a failure doesn't stop the others. Prints one row each
 * (src/output/README.md, "JSON"), then throws what the exit code asks for.
 */
export async function changeEach<Target extends ResolvedAutomation>(
  context: Context,
  { targets, done, change, undo, concurrency }: RefWork<Target>,
): Promise<void> {
  const results = await execute<Target, undefined>({
    items: targets,
    signal: context.signal,
    concurrency,
    deploymentOf: ({ deploymentId }) => deploymentId,
    persistence: targets.length > 1 ? await persist(context) : undefined,
    run: async (target) => ({ result: (await change(target)) ? "done" : "unchanged", value: undefined }),
  });
  const rows = results.map(
    ({ item, outcome }): FleetRow => ({
      deployment_id: item.deploymentId,
      automation_id: item.automationId,
      name: item.automation?.name ?? "",
      result: outcome.result === "done" ? done : outcome.result,
      reason: "reason" in outcome ? outcome.reason : undefined,
      error: "error" in outcome ? messageOf(outcome.error) : undefined,
    }),
  );
  const isFleet = countDeployments(rows) > 1;
  const printer = await createPrinter(context);
  const names = new Map(
    targets.flatMap(({ deploymentId: id, deploymentName: name }) => (name ? [[id, name]] : [])),
  );
  await printRows(printer, { rows, isFleet, names, showsAll: true });
  const sent = results.filter(({ outcome }) => outcome.result === "done" || outcome.result === "unknown");
  if (undo !== undefined && sent.length > 0) printer.note(`undo: ${undo(sent.map(({ item }) => item))}`);
  context.signal.throwIfAborted();
  const failure = failureOf(results);
  if (failure !== undefined) throw failure;
}
