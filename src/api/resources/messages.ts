import type { Requester, RequestOptions } from "../request.js";
import { messageAnswerSchema } from "../schema.js";
import type { MessageAnswer, MessageFields } from "../types.js";
import { path } from "../urls.js";

/** src/api/README.md, "Runs and threads". */
export class Messages {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Sent at most once: AmbiguousError where it isn't known whether the message arrived. */
  async send(deployment_id: string, fields: MessageFields, options?: RequestOptions): Promise<MessageAnswer> {
    return this.#requester.post({
      path: path`/v1/deployments/${deployment_id}/messages`,
      body: fields,
      schema: messageAnswerSchema,
      sent: { kind: "message", deployment_id, fields },
      options,
    });
  }
}
