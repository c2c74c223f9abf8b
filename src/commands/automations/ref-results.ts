import type { Context } from "../../context.js";
import { type ExitCode, exitCodes, PartialFailureError } from "../../errors.js";
import { printList } from "../../output/list.js";
import { createPrinter } from "../../output/printer.js";
import { judge } from "../../report.js";
import type { ResolvedAutomation } from "../targets.js";

/** What became of one of several refs (cli.md, "Output": several refs). */
export interface RefResult {
  deployment_id: string;
  automation_id: string;
  name: string;
  result: "paused" | "resumed" | "deleted" | "unchanged" | "failed" | "unknown";
  error?: string;
}

export interface RefWork {
  targets: readonly ResolvedAutomation[];
  done: "paused" | "resumed" | "deleted";
  /** Changes one; `false`: there was nothing to do. */
  change(target: ResolvedAutomation): Promise<boolean>;
}

/**
 * Changes several automations, one after the other; a failure doesn't stop the others. Prints one row each.
 * Throws PartialFailureError (or the one error, where all failed alike) when any failed.
 */
export async function changeEach(context: Context, work: RefWork): Promise<void> {
  const failures: { error: unknown; exitCode: ExitCode }[] = [];
  const results = eachResult(context, work, failures);
  await printList<RefResult>(await createPrinter(context), {
    format: context.settings.output,
    items: results,
    columns: [
      { key: "name", title: "NAME", shrink: 1, cell: (row) => row.name },
      { key: "result", title: "RESULT", cell: (row) => row.result },
      { key: "id", title: "ID", cell: (row) => row.automation_id },
      { key: "error", title: "ERROR", shrink: 2, cell: (row) => row.error ?? "" },
    ],
    json: (row) => row,
    name: (row) => row.automation_id,
    empty: "nothing to do",
  });
  throwFailures(failures, work.targets.length);
}

async function* eachResult(
  context: Context,
  { targets, done, change }: RefWork,
  failures: { error: unknown; exitCode: ExitCode }[],
): AsyncGenerator<RefResult> {
  for (const target of targets) {
    const base = {
      deployment_id: target.deploymentId,
      automation_id: target.automationId,
      name: target.automation?.name ?? "",
    };
    context.signal.throwIfAborted();
    try {
      yield { ...base, result: (await change(target)) ? done : "unchanged" };
    } catch (error) {
      const verdict = judge(error);
      failures.push({ error, exitCode: verdict.exitCode });
      yield {
        ...base,
        result: verdict.exitCode === exitCodes.unknown ? "unknown" : "failed",
        error: verdict.message,
      };
    }
  }
}

function throwFailures(failures: readonly { error: unknown; exitCode: ExitCode }[], total: number): void {
  const [first] = failures;
  if (first === undefined) return;
  if (failures.every(({ exitCode }) => exitCode === exitCodes.auth) && failures.length === total)
    throw first.error;
  if (failures.some(({ exitCode }) => exitCode === exitCodes.unknown)) throw first.error;
  throw new PartialFailureError(`${failures.length} of ${total} failed: ${judge(first.error).message}`);
}
