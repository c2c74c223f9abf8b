import type { HermClient } from "../api/client.js";
import type { CallOptions } from "../api/request-options.js";
import type { Automation, AutomationFields, AutomationRef } from "../api/types.js";
import type { Context } from "../context/context.js";

export type ChangesContext = Pick<Context, "client" | "settings" | "now" | "monotonic" | "sleep" | "signal">;

/** Callbacks that record that a change is sent. */
export interface SendHooks {
  /** Called before each retry; `isLost`: an earlier attempt may still take effect. Throwing prevents the retry. */
  resend(state: { isLost: boolean }): void;
}

/** A change to send, and a way to look for its effect if the response is lost. */
export interface Sending<Answer> {
  send(hooks: SendHooks): Promise<Answer>;
  /** Returns all possible results of the change: none, or several, only one of which can be real. */
  find(look: Look): Promise<readonly Answer[]>;
  onLost?(error: unknown): void;
}

/** A single check of the server's state, with a time limit per request. */
export interface Look {
  client: HermClient;
  options: CallOptions;
  list(deployment_id: string): Promise<readonly Automation[]>;
  /** Reads an automation with at least these fields; undefined if it doesn't exist. */
  read(ref: AutomationRef, fields: Partial<AutomationFields>): Promise<Automation | undefined>;
}
