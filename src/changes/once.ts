import type { CallOptions } from "../api/request-options.js";
import type {
  Automation,
  AutomationFields,
  AutomationRef,
  MessageAnswer,
  MessageFields,
} from "../api/types.js";
import { schedulesEqual } from "../schedule/compare.js";
import { confirmChange } from "./planned-change.js";
import type { ChangesContext, SendHooks, Sending } from "./sending.js";

interface CreateOnce {
  deployment_id: string;
  fields: AutomationFields;
  /** Ids of all automations listed before, so that an older one isn't mistaken for ours. */
  known: ReadonlySet<string>;
  onCreated?: ((automation_id: string) => void) | undefined;
}

/** Prepares a create. Like the others here, it is sent at most once (src/changes/README.md, "At most once"). */
export function createOnce(
  context: ChangesContext,
  { deployment_id, fields, known, onCreated }: CreateOnce,
): Sending<Automation> {
  return {
    send: async (hooks) => {
      const client = await context.client();
      const answer = await client.automations.create(deployment_id, fields, optionsOf(context, hooks));
      onCreated?.(answer.automation_id);
      return confirmChange(context, { deployment_id, sent: fields, answer, kind: "create" });
    },
    find: async ({ client, options, list }) => {
      const matches: Automation[] = [];
      for (const { automation_id, name, schedule } of await list(deployment_id)) {
        if (known.has(automation_id) || name !== fields.name) continue;
        if (!schedulesEqual(schedule ?? "", fields.schedule)) continue;
        const detail = await client.automations.get(deployment_id, automation_id, options);
        if (detail.instructions === fields.instructions) matches.push(detail);
      }
      return matches;
    },
  };
}

/** `known`: ids of its earlier runs. */
export function triggerOnce(
  context: ChangesContext,
  { deployment_id, automation_id, known }: AutomationRef & { known: ReadonlySet<string> },
): Sending<{ run_id: string }> {
  return {
    send: async (hooks) => {
      const client = await context.client();
      return client.automations.trigger(deployment_id, automation_id, optionsOf(context, hooks));
    },
    find: async ({ client, options }) => {
      const { recent_runs } = await client.automations.get(deployment_id, automation_id, options);
      return recent_runs.filter((run) => run.trigger === "manual" && !known.has(run.run_id));
    },
  };
}

interface MessageOnce {
  deployment_id: string;
  fields: MessageFields & { thread_id: string };
  run_id: string;
  /** The number of user messages with this content already in the thread. */
  known: number;
}

export function messageOnce(
  context: ChangesContext,
  { deployment_id, fields, run_id, known }: MessageOnce,
): Sending<MessageAnswer> {
  const { thread_id, content } = fields;
  return {
    send: async (hooks) => {
      const client = await context.client();
      return client.deployments.messages.send(deployment_id, fields, optionsOf(context, hooks));
    },
    find: async ({ client, options }) => {
      const { messages } = await client.threads.get(deployment_id, thread_id, options);
      return messages
        .filter((message) => message.role === "user" && message.content === content)
        .slice(known)
        .map((sent) => ({ run_id: sent.run_id ?? run_id, thread_id, status: "running" }));
    },
  };
}

/** Throws the signal's reason, so that no request is sent after Ctrl-C. */
function optionsOf({ signal }: ChangesContext, { resend }: SendHooks): CallOptions {
  signal.throwIfAborted();
  return { stopSignal: signal, beforeResend: async (state) => resend(state) };
}
