import type { Context } from "../../context.js";
import { PartialFailureError } from "../../errors.js";
import { asUnseen, UnseenError } from "../../fleet/unseen.js";
import { messageOf } from "../../report.js";
import { keyText } from "./session.js";

/** A deployment that is known here, and of which nothing could be read (8). */
export class UnknownDeploymentError extends PartialFailureError {
  constructor(
    readonly deployment_id: string,
    cause: unknown,
  ) {
    const why = cause instanceof UnseenError ? cause.message : `can't be read: ${messageOf(cause)}`;
    super(`${deployment_id} ${why}`, { cause });
  }

  /** True where the API refuses it: with another key it may be there. */
  get isUnseen(): boolean {
    return this.cause instanceof UnseenError;
  }
}

/** Says `dep_1 can't be seen with key …6789`, or why it can't be read. */
export function unknownDeployment(
  context: Pick<Context, "settings">,
  { deployment_id, cause }: { deployment_id: string; cause: unknown },
): UnknownDeploymentError {
  return new UnknownDeploymentError(deployment_id, asUnseen(cause, keyText(context)));
}
