import { NotFoundError } from "../../api/errors.js";
import type { Context } from "../../context.js";
import { type Hint, PartialFailureError } from "../../errors.js";
import { asUnseen, UnseenError } from "../../fleet/unseen.js";
import { addressHint, messageOf } from "../../report.js";
import { keyText } from "./session.js";

/** A deployment that is known here, and of which nothing could be read (8). */
export class UnknownDeploymentError extends PartialFailureError {
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
