import type { HermClient } from "../../api/client.js";
import { AmbiguousError, HermError } from "../../api/errors.js";
import {
  type CliError,
  exitCodes,
  type Hint,
  OutcomeUnknownError,
  PartialFailureError,
} from "../../errors/errors.js";
import { exitCodeOf } from "../../errors/exit-code.js";
import { errorOf, type ItemResult, isOutage } from "../../fleet/outcome.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { messageOf } from "../../invocation/report.js";
import { countRows, type DoneResult, type FleetRow, unreached } from "./rows.js";

export interface EndedOperation {
  done: DoneResult;
  total: number;
  results: readonly ItemResult<unknown, unknown>[];
  rows: readonly FleetRow[];
  hint: Hint;
  messages?: { failed: number; unknown: number } | undefined;
  /** One ref and no selection: its own error says most. */
  isSingle: boolean;
}

/**
 * The one error of everything that an outage prevented. Undefined without one: what keeps failing beside others that succeed
 * is an ordinary failure.
 */
export function outageError({ done, total, results, rows, hint }: EndedOperation): CliError | undefined {
  const outage = results.map(({ outcome }) => errorOf(outcome)).find(isOutage);
  const changed = countRows(rows, done);
  const isWhole = changed === 0 || rows.some(isUnreached);
  if (outage === undefined || !isWhole) return undefined;
  const why = messageOf(outage instanceof AmbiguousError ? outage.cause : outage);
  const unknown = countRows(rows, "unknown");
  const isKnown = unknown === 0 ? "" : `, ${unknown} unknown`;
  const partly = `${changed} of ${total} ${done}${isKnown}`;
  if (unknown === 0) {
    return new PartialFailureError(`${why}; ${changed === 0 ? `nothing was ${done}` : partly}`, { hint });
  }
  const what = changed === 0 ? `unknown what was ${done}: run the same command again` : partly;
  return new OutcomeUnknownError(`${why}; ${what}`, { hint });
}

function isUnreached({ reason, automation_id, isOutage: isOfOutage }: FleetRow): boolean {
  return reason === unreached || (automation_id === null && isOfOutage === true);
}

/** True when an outage prevented everything, as far as is known: its error says it all. */
export function isWholeOutage(ended: EndedOperation): boolean {
  return countRows(ended.rows, ended.done) === 0 && outageError(ended) !== undefined;
}

/**
 * Throws the outage's error that kept a deployment from being read, where the API answers nothing any more. A deployment that
 * fails alone must not keep all others as they are.
 */
export async function throwOutage(
  readings: readonly DeploymentReading[],
  { client, signal }: { client: HermClient; signal: AbortSignal },
): Promise<void> {
  const unreachable = readings.find(({ error }) => isOutage(error));
  if (unreachable === undefined) return;
  const [read] = readings.filter(({ error }) => error === undefined);
  const isThere =
    read !== undefined &&
    (await client.deployments.get(read.deployment.deployment_id, { signal }).then(
      () => true,
      () => false,
    ));
  signal.throwIfAborted();
  if (!isThere) throw unreachable.error;
}

/**
 * Adds "nothing was paused" to an error of an unreachable API: no change went out, or none took effect (what may have is
 * 12).
 */
export function withNothingDone(error: unknown, done: DoneResult): unknown {
  if (error instanceof HermError && exitCodeOf(error) === exitCodes.unreachable)
    error.aftermath = `nothing was ${done}`;
  return error;
}
