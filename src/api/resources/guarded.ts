import type { CallOptions, Requester } from "../request.js";
import { automationDetailSchema } from "../schema.js";
import type { AutomationDetail, AutomationRef } from "../types.js";

/** A call about an automation, and how its answer that there is none can be checked. */
export interface AutomationCall<T> extends AutomationRef {
  options: CallOptions | undefined;
  isDeletion?: boolean;
  send(): Promise<T>;
  read(options: CallOptions): Promise<AutomationDetail>;
  /** Goes on where a reading finds it after all. */
  found(reading: AutomationDetail): Promise<T>;
}

/** Makes a call, and judges the answer that there is no such automation. */
export type AutomationGuard = <T>(call: AutomationCall<T>) => Promise<T>;

export function guardedCalls(
  requester: Requester,
  pathOf: (deployment_id: string, automation_id: string) => string,
  guard: AutomationGuard = ({ send }) => send(),
) {
  const reader = (ref: AutomationRef) => (options?: CallOptions) => {
    const path = pathOf(ref.deployment_id, ref.automation_id);
    return requester.get({ path, schema: automationDetailSchema, options });
  };
  return {
    async read(ref: AutomationRef, options?: CallOptions): Promise<AutomationDetail> {
      const read = reader(ref);
      return guard({ ...ref, options, read, send: () => read(options), found: async (reading) => reading });
    },

    async change<T>(
      ref: AutomationRef,
      { options, ...call }: Pick<AutomationCall<T>, "options" | "send" | "isDeletion">,
    ): Promise<T> {
      const found = async () => {
        const leftMs = options?.maxWaitMs ?? requester.settings.maxWaitMs;
        await options?.beforeResend?.({ leftMs, isLost: false });
        return call.send();
      };
      return guard({ ...ref, options, ...call, found, read: reader(ref) });
    },
  };
}
