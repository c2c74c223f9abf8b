import type { DeploymentSummary } from "../../api/types.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { execute } from "../../fleet/execute.js";
import { failureOf } from "../../fleet/failure.js";
import { mayBeChanged } from "../../fleet/outcome.js";
import { createPrinter } from "../../output/printer.js";
import { messageOf } from "../../report.js";
import { mannerWords } from "../sending/again.js";
import type { ResolvedAutomation } from "../targets/automations.js";
import { countsOf, printCounts } from "./ending.js";
import { type Callable, Names } from "./names.js";
import { persist } from "./persist.js";
import { printRows } from "./print-rows.js";
import { countDeployments, type FleetRow } from "./rows.js";

export interface RefWork<Target extends ResolvedAutomation> {
  targets: readonly Target[];
  /** The command, which is repeated for those that failed. */
  verb: keyof typeof words;
  /** Nobody was to be asked. */
  yes?: boolean;
  /** Changes one; `false`: there was nothing to do. Its changes get no abort signal, so that their outcome is known. */
  change(target: Target): Promise<boolean>;
  /** The command that takes the changes back, of those that were made or may have been. */
  undo?(targets: readonly Target[]): string;
  concurrency?: number | undefined;
  /** A person too gets every row by itself. */
  isVerbose: boolean;
}

/** What an automation is once it is changed, and what one is that was so before. */
const words = {
  pause: { done: "paused", unchanged: "paused already" },
  resume: { done: "resumed", unchanged: "enabled already" },
  delete: { done: "deleted", unchanged: "deleted already" },
} as const;

/**
 * Changes several automations, some at once; a failure doesn't stop the others. Prints one row each
 * (src/output/README.md, "JSON"), to a person equal ones once and the counts, then throws what the exit code asks for.
 */
export async function changeEach<Target extends ResolvedAutomation>(
  context: Context,
  { targets, verb, yes, change, undo, concurrency, isVerbose }: RefWork<Target>,
): Promise<void> {
  const { done, unchanged } = words[verb];
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
  const deployments = deploymentsOf(targets);
  const printer = await createPrinter(context);
  await printRows(printer, { rows, isFleet, deployments, isVerbose });
  if (printer.isForPerson) await printCounts(printer, { changes: countParts(rows, { done, unchanged }) });
  const changed = results.filter(({ outcome }) => mayBeChanged(outcome));
  if (undo !== undefined && changed.length > 0)
    printer.note(`undo: ${undo(changed.map(({ item }) => item))}`);
  const rest = results.filter(({ outcome }) => !("value" in outcome)).map(({ item }) => item);
  const { items, names } = calledTargets(rest);
  const again = commandLine(context, [
    "automations",
    verb,
    ...items.map((item) => names.ref(item)),
    ...mannerWords(context, { concurrency, yes }),
  ]);
  if (context.signal.aborted && rest.length > 0) printer.hint(`the rest: ${again}`);
  context.signal.throwIfAborted();
  const failure = failureOf(results, `${again} finishes it`);
  if (failure !== undefined) throw failure;
}

function countParts(
  rows: readonly FleetRow[],
  { done, unchanged }: { done: FleetRow["result"]; unchanged: string },
): string[] {
  return countsOf(rows, [
    [done, done],
    ["unchanged", unchanged],
    ["skipped", "not begun"],
    ["failed", "failed"],
    ["unknown", "unknown"],
  ]);
}

/** What people call what refs named, as far as the refs told it. */
export function calledTargets(targets: readonly ResolvedAutomation[]): { items: Callable[]; names: Names } {
  const items = targets.map(({ deploymentId, automationId, automation }) => ({
    deployment_id: deploymentId,
    automation_id: automationId,
    name: automation?.name,
  }));
  return { items, names: new Names(items, deploymentsOf(targets)) };
}

function deploymentsOf(targets: readonly ResolvedAutomation[]): DeploymentSummary[] {
  const names = new Map(targets.map(({ deploymentId, deploymentName }) => [deploymentId, deploymentName]));
  return [...names].map(([deployment_id, name]) => ({ deployment_id, name }));
}
