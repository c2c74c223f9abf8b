import { ApiError, NotFoundError } from "../../api/errors.js";
import type { Context } from "../../context/context.js";
import { type Hint, PartialFailureError } from "../../errors/errors.js";
import { UnknownPresenceError } from "../../fleet/outcome.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { addressHint, messageOf } from "../../invocation/report.js";
import { lastFour } from "../../settings/key.js";

/** A deployment that is known here, and that this key doesn't see (8). */
class UnseenError extends PartialFailureError {}

/**
 * Says of each deployment that the account's list lacks, and that the API refuses, that this key doesn't see it. `keys`: what
 * to say of the key.
 */
export function markUnseen(
  readings: readonly DeploymentReading[],
  { everyone, keys }: { everyone: readonly { deployment_id: string }[]; keys: string },
): DeploymentReading[] {
  const listed = new Set(everyone.map(({ deployment_id }) => deployment_id));
  return readings.map((reading) => {
    const { error, deployment } = reading;
    return listed.has(deployment.deployment_id) ? reading : { ...reading, error: asUnseen(error, keys) };
  });
}

/** True for a proxy's page, whatever its status. */
function isPage({ body = "" }: ApiError): boolean {
  return /^\s*</.test(body);
}

/** Gives an UnseenError for the API's own 403 or 404 of a deployment, and any other error as it is. */
function asUnseen(error: unknown, keys: string): unknown {
  const isUnseen = error instanceof ApiError && [403, 404].includes(error.status) && !isPage(error);
  return isUnseen ? new UnseenError(`can't be seen with ${keys}`, { cause: error }) : error;
}

/** `key …6789`; of a short key none of its characters. */
export function keyText({ settings }: Pick<Context, "settings">): string {
  const { apiKey } = settings.target();
  const last4 = apiKey === undefined ? null : lastFour(apiKey);
  return last4 === null ? "this key" : `key …${last4}`;
}

/** A deployment that is known here, and of which nothing could be read (8). */
export class UnknownDeploymentError extends UnknownPresenceError {
  constructor(
    readonly deployment_id: string,
    cause: unknown,
  ) {
    const hint: Hint = (herm) => `${herm("auth", "status")} shows which key is used`;
    super(`${deployment_id} ${unreadableText(cause)}`, {
      cause,
      hint: cause instanceof UnseenError ? hint : undefined,
    });
  }

  /** True where the API refuses it: with another key it may be there. */
  get isUnseen(): boolean {
    return this.cause instanceof UnseenError;
  }
}

/** The reason why a deployment can't be seen or read, to stand behind its name. */
export function unreadableText(error: unknown): string {
  return error instanceof UnseenError ? error.message : `can't be read: ${messageOf(error)}`;
}

/** Says `dep_1 can't be seen with key …6789`, or why it can't be read. */
export function unknownDeployment(
  context: Pick<Context, "settings">,
  { deployment_id, cause }: { deployment_id: string; cause: unknown },
): UnknownDeploymentError {
  return new UnknownDeploymentError(deployment_id, asUnseen(cause, keyText(context)));
}

/** Gives that error where the API refuses the deployment, and any other as it is, but for a 404. */
export function deploymentError(
  context: Pick<Context, "settings">,
  of: { deployment_id: string; cause: unknown },
) {
  const unknown = unknownDeployment(context, of);
  return unknown.isUnseen ? unknown : withoutNotFound(of.cause);
}

/** A 404 that isn't the API's own, such as a proxy's page, says nothing of what is there (8). Any other error as it is. */
export function withoutNotFound(error: unknown): unknown {
  if (!(error instanceof NotFoundError)) return error;
  return new PartialFailureError(messageOf(error), { hint: addressHint, cause: error });
}
