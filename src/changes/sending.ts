import type { HermClient } from "../api/client.js";
import type { CallOptions } from "../api/request-options.js";
import type { Automation, AutomationFields, AutomationRef } from "../api/types.js";
import type { Context } from "../context/context.js";

export type ChangesContext = Pick<Context, "client" | "settings" | "now" | "monotonic" | "sleep" | "signal">;

/** What is called while something is sent, so that it is recorded. */
export interface SendHooks {
  /** Called before it is sent again; `isLost`: an earlier attempt may take effect yet. Throwing prevents it. */
  resend(state: { isLost: boolean }): void;
}

/** A change to send, and how to find what it did if its answer is lost. */
export interface Sending<Answer> {
  send(hooks: SendHooks): Promise<Answer>;
  /** Returns what shows that it was done: nothing, or several of which only one can be it. */
  find(look: Look): Promise<readonly Answer[]>;
  onLost?(error: unknown): void;
}

/** One look at what is there; each of its requests ends after a while. */
export interface Look {
  client: HermClient;
  options: CallOptions;
  list(deployment_id: string): Promise<readonly Automation[]>;
  /** Reads an automation with at least these fields; undefined where it isn't there. */
  read(ref: AutomationRef, fields: Partial<AutomationFields>): Promise<Automation | undefined>;
}
