import type { Context } from "../../context.js";
import { execute } from "../../fleet/worker-pool.js";
import type { Printer } from "../../output/printer.js";
import { messageOf } from "../../report.js";

export interface Checks<Place, Found> {
  targets: readonly Place[];
  printer: Pick<Printer, "warn">;
  /** The change that somebody else may have made too: `created`. */
  done: string;
  check(place: Place): Promise<Found[]>;
}

/**
 * Checks once more where something was done: two machines that do the same at once can't be prevented, only reported. Finds
 * nothing where it is interrupted or can't check; the latter is a warning.
 */
export async function checkAgain<Place, Found>(
  context: Context,
  { targets: places, printer, done, check: lookAt }: Checks<Place, Found>,
): Promise<Found[]> {
  const { signal } = context;
  const client = await context.client();
  const looks = await execute<Place, Found[]>({
    items: places,
    signal,
    outageRetry: client.outageRetry,
    reader: client,
    run: async (place) => ({ result: "done", value: await lookAt(place) }),
  });
  const [failed] = looks.flatMap(({ outcome }) => ("error" in outcome ? [outcome] : []));
  if (failed !== undefined && !signal.aborted) {
    printer.warn(`could not check whether somebody else ${done} the same: ${messageOf(failed.error)}`);
  }
  return looks.flatMap(({ outcome }) => ("value" in outcome ? outcome.value : []));
}

/** Milliseconds for such a check at most: what was done is known without it. */
export const mostCheckMs = 5_000;
