import type { CallOptions } from "../api/request-options.js";
import { isPresent } from "../api/same-value.js";
import type { Automation, AutomationDetail, AutomationFields, AutomationRef } from "../api/types.js";
import { NotPossibleError } from "../errors/errors.js";
import { type FieldName, fieldNames, isSameField, sentFields, showsFields } from "./fields.js";
import { findPatched, patchAutomation } from "./patch.js";
import type { ChangesContext, SendHooks, Sending } from "./sending.js";

/** An automation as it was read; what a reading lacks isn't compared. */
type KnownFields = { readonly [Field in FieldName | "updated_at"]?: Automation[Field] };

export interface PlannedChange extends AutomationRef {
  planned: KnownFields;
  /**
   * Called with each later reading that isn't as the change would make it; throws where it may no longer be changed.
   */
  onReread?(current: AutomationDetail): void;
}

interface PlannedUpdate extends PlannedChange {
  fields: Partial<AutomationFields>;
}

/** A planned change, which may be sent once `before` is recorded. */
export interface ReadyChange<Answer> extends Sending<Answer> {
  /** The automation as planned, or as it is now where that lacks fields. */
  before: Automation;
  /**
   * Reads once more, right before `send`: true when it is already as the change would make it. Throws NotPossibleError
   * where what counts was changed since, and the API's NotFoundError where the automation no longer exists.
   */
  isDone(): Promise<boolean>;
  /** Reads again where it has to wait, and throws as isDone then; calls `resend` before it is sent again. */
  send(hooks: SendHooks): Promise<Answer>;
}

/**
 * Prepares an update that overwrites nothing that somebody changed since it was planned (src/changes/README.md,
 * "Nothing is lost"). A field counts if the update sends it. The API has no precondition: what comes within one round
 * trip isn't seen.
 */
export async function prepareUpdate(
  context: ChangesContext,
  { fields, ...plan }: PlannedUpdate,
): Promise<ReadyChange<Automation>> {
  const watch = new PlanWatch(context, plan, fields);
  const { deployment_id, automation_id } = plan;
  return {
    before: await watch.whole(sentFields(fields)),
    isDone: async () => watch.isDone(await watch.read()),
    send: (hooks) => {
      const options = { beforeResend: watch.beforeResend(hooks) };
      return patchAutomation(context, { deployment_id, automation_id, fields, options });
    },
    find: findPatched({ deployment_id, automation_id, fields }),
  };
}

export async function prepareDelete(
  context: ChangesContext,
  plan: PlannedChange,
): Promise<ReadyChange<void>> {
  const watch = new PlanWatch(context, plan, undefined);
  const before = await watch.whole(fieldNames);
  const client = await context.client();
  return {
    before,
    isDone: async () => watch.isDone(await watch.read()),
    send: (hooks) => {
      const options = { stopSignal: context.signal, beforeResend: watch.beforeResend(hooks) };
      return client.automations.delete(plan.deployment_id, plan.automation_id, options);
    },
    find: async (look) => ((await look.read(plan, {})) === undefined ? [undefined] : []),
  };
}

/** Age of a reading that needn't be repeated when the request goes out. */
const oldAfterMs = 1_000;

class PlanWatch {
  #last: KnownFields;
  #readMs = 0;

  constructor(
    private readonly context: ChangesContext,
    private readonly plan: PlannedChange,
    private readonly sent: Partial<AutomationFields> | undefined,
  ) {
    this.#last = plan.planned;
  }

  /** The planned reading where it has all of these fields, else a new one. */
  async whole(fields: readonly FieldName[]): Promise<Automation> {
    const { planned, automation_id } = this.plan;
    const isWhole = fields.every((field) => planned[field] !== undefined);
    return isWhole ? { ...planned, automation_id } : this.read();
  }

  async read(options: CallOptions = {}): Promise<AutomationDetail> {
    const { signal } = this.context;
    const { deployment_id, automation_id, onReread } = this.plan;
    const client = await this.context.client();
    const current = await client.automations.get(deployment_id, automation_id, { signal, ...options });
    const changed = this.#changedFields(current);
    if (changed.length > 0) throw changedMeanwhile(changed, this.plan);
    if (!this.isDone(current)) onReread?.(current);
    this.#last = current;
    this.#readMs = this.context.monotonic();
    return current;
  }

  beforeResend({ resend }: SendHooks): NonNullable<CallOptions["beforeResend"]> {
    return async ({ leftMs, isLost }) => {
      if (this.context.monotonic() - this.#readMs > oldAfterMs) {
        const { outageRetry } = await this.context.client();
        // In an outage the reading is what is tried again, in the request's stead.
        await this.read(outageRetry === undefined ? { maxWaitMs: leftMs } : {});
      }
      resend({ isLost });
    };
  }

  isDone(current: KnownFields): boolean {
    return this.sent !== undefined && showsFields(current, this.sent);
  }

  /** Leaves out fields that have the value to be sent: an earlier attempt may have set them. */
  #changedFields(current: KnownFields): FieldName[] {
    const last = this.#last;
    const sent = this.sent;
    const changed = (sent === undefined ? [...fieldNames] : sentFields(sent)).filter(
      (field) =>
        isPresent(last[field]) &&
        isPresent(current[field]) &&
        isSameField(field, last[field], current[field]) !== true,
    );
    return this.isDone(current) ? changed.filter((field) => sent?.[field] === undefined) : changed;
  }
}

function changedMeanwhile(
  fields: readonly FieldName[],
  { deployment_id, automation_id }: PlannedChange,
): NotPossibleError {
  return new NotPossibleError(`changed since: ${fields.join(", ")}`, {
    hint: (herm) =>
      `${herm("automations", "get", `${deployment_id}/${automation_id}`)} shows it now; run the command again to build on that`,
  });
}
