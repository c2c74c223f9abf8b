import type { Context } from "../../context.js";
import { execute } from "../../fleet/worker-pool.js";
import type { Printer } from "../../output/printer.js";
import { messageOf } from "../../report.js";

/**
 * Checks once more where something was done: two machines that do the same at once can't be prevented, only reported. Finds
 * nothing where it is interrupted or can't check; the latter is a warning. `done`: what somebody else may have done too.
 */
export async function checkAgain<Target, Found>(
  context: Context,
  { targets, printer, done }: { targets: readonly Target[]; printer: Pick<Printer, "warn">; done: string },
  check: (target: Target) => Promise<Found[]>,
): Promise<Found[]> {
  const { signal } = context;
  const client = await context.client();
  const checks = await execute<Target, Found[]>({
    items: targets,
    signal,
    outageRetry: client.outageRetry,
    reader: client,
    run: async (target) => ({ result: "done", value: await check(target) }),
  });
  const [failed] = checks.flatMap(({ outcome }) => ("error" in outcome ? [outcome] : []));
  if (failed !== undefined && !signal.aborted) {
    printer.warn(`could not check whether somebody else ${done} the same: ${messageOf(failed.error)}`);
  }
  return checks.flatMap(({ outcome }) => ("value" in outcome ? outcome.value : []));
}

/** Milliseconds for such a check at most: what was done is known without it. */
export const mostCheckMs = 5_000;
