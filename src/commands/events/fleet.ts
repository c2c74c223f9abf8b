import { innerController } from "../../api/abort.js";
import type { Context } from "../../context.js";
import { PartialFailureError } from "../../errors.js";
import { exitCodeOf } from "../../exit-code.js";
import { isNotReady } from "../../fleet/outcome.js";
import type { DeploymentTarget, Selection } from "../../fleet/selection.js";
import { resolveDeployments } from "../../operations/selection/resolve-deployment.js";
import { warnOfSkipped } from "../../operations/selection/selection.js";
import { safe } from "../../output/safe.js";
import { errWidth } from "../../output/sink.js";
import { fold } from "../../output/text/fold.js";
import { messageOf } from "../../report.js";
import { type EventOutput, openOutput } from "./event-output.js";
import { readStreamWithRetries } from "./stream.js";

const mostAtOnce = 8;

/**
 * Follows eight streams at a time; one that breaks is retried and stops no other. Throws when none is left and not all
 * ended well.
 */
export async function followFleet(context: Context, selection: Selection): Promise<void> {
  const isWaiting = ({ status = "ready" }: DeploymentTarget) => Number(status !== "ready");
  const all = await resolveDeployments(context, selection);
  const targets = all.toSorted((one, other) => isWaiting(one) - isWaiting(other));
  const output = await openOutput(context);
  const over = innerController(context.signal);
  const fleet: Fleet = { waiting: [...targets], errors: [], output, over };
  const first = fleet.waiting.splice(0, mostAtOnce);
  if (first.length < targets.length) {
    const names = first.map(({ name }) => safe(name, "cell")).join(", ");
    const text = `following ${first.length} of ${targets.length} deployments: ${names}`;
    output.note(fold(text, errWidth(context)));
  }
  try {
    await Promise.all(first.map((target) => followInTurn(context, target, fleet)));
    context.signal.throwIfAborted();
    throwIfAnyFailed(fleet, targets.length);
  } finally {
    over.abort();
  }
}

interface Fleet {
  waiting: DeploymentTarget[];
  errors: unknown[];
  output: EventOutput;
  over: AbortController;
}

async function followInTurn(context: Context, first: DeploymentTarget, fleet: Fleet): Promise<void> {
  const { waiting, output, over } = fleet;
  for (let target: DeploymentTarget | undefined = first; target !== undefined; target = waiting.shift()) {
    if (target !== first) output.note(`following ${target.name} now`);
    try {
      await follow(context, target, fleet);
      if (output.isClosed) return over.abort();
    } catch (error) {
      if (over.signal.aborted) return;
      if (isNotReady(error)) warnOfSkipped(output, target);
      else {
        fleet.errors.push(error);
        output.warn(`${target.name} is no longer followed: ${messageOf(error)}`);
      }
    }
  }
}

/** Throws what the API refuses for good; an unreachable one is retried without end. */
function follow(context: Context, target: DeploymentTarget, { output, over }: Fleet): Promise<void> {
  const { deployment_id, name } = target;
  return readStreamWithRetries(context, {
    deployment_id,
    query: {},
    signal: over.signal,
    onEvents: (events) => output.show(events, target),
    onCut: () => output.note(`${name}: connection lost, reconnecting …`),
    onUnopened: (error) => output.note(`${name}: ${messageOf(error)}; retrying`),
    isClosed: () => output.isClosed,
  });
}

function throwIfAnyFailed({ errors, output }: Fleet, count: number): void {
  const [first] = errors;
  if (first === undefined || output.isClosed) return;
  const isSame = errors.length === count && errors.every((error) => exitCodeOf(error) === exitCodeOf(first));
  if (isSame) throw first;
  throw new PartialFailureError(`${errors.length} of ${count} deployments could not be followed`, {
    cause: first,
  });
}
