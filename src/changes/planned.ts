import type { RequestOptions } from "../api/request-options.js";
import type { Automation, AutomationDetail, AutomationFields } from "../api/types.js";
import { NotPossibleError } from "../errors.js";
import type { ChangesContext } from "./changes-context.js";
import { type FieldName, fieldNames, isSameField, sentFields } from "./fields.js";
import { patchAutomation } from "./patch.js";

/** An automation as it was read; what a reading lacks isn't compared. */
type Reading = Pick<Automation, "updated_at"> & {
  [Field in keyof AutomationFields]?: AutomationFields[Field] | null;
};

/** A change that was planned from an earlier reading. */
export interface PlannedChange {
  deploymentId: string;
  automationId: string;
  planned: Reading;
  /** It was planned by a command before this one: every field counts, also of an update. */
  isSaved?: boolean | undefined;
}

export interface PlannedUpdate extends PlannedChange {
  /** What the PATCH sends. */
  fields: Partial<AutomationFields>;
}

/** A change that may be sent. */
export interface ReadyChange<Answer> {
  /** The last reading before it: what is to be kept. */
  before: AutomationDetail;
  /** It is by now as the change would make it. */
  isDone: boolean;
  send(): Promise<Answer>;
}

/**
 * Reads the automation that is to be updated once more, right before: what somebody changed since it was planned isn't
 * overwritten (src/changes/README.md, "Nothing is lost"). A field counts if the update sends it. `send` reads again
 * where it has to wait. Throws NotPossibleError, also from `send`, where a field that counts was changed meanwhile; the
 * API's NotFoundError where the automation is gone. The API has no precondition: what comes within one round trip isn't
 * seen.
 */
export async function prepareUpdate(
  context: ChangesContext,
  { fields, ...plan }: PlannedUpdate,
): Promise<ReadyChange<Automation>> {
  const watch = new PlanWatch(context, plan, fields);
  const before = await watch.read();
  const { deploymentId, automationId } = plan;
  const options = { beforeResend: watch.beforeResend };
  return {
    before,
    isDone: sentFields(fields).every((field) => isSameField(field, fields[field], before[field]) === true),
    send: () => patchAutomation(context, { deploymentId, automationId, fields, options }),
  };
}

/** The same before a deletion: every field counts. */
export async function prepareDelete(
  context: ChangesContext,
  plan: PlannedChange,
): Promise<ReadyChange<void>> {
  const watch = new PlanWatch(context, plan, undefined);
  const before = await watch.read();
  const client = await context.client();
  const options = { stopSignal: context.signal, beforeResend: watch.beforeResend };
  const send = () => client.automations.delete(plan.deploymentId, plan.automationId, options);
  return { before, isDone: false, send };
}

/** Reads an automation on whose being as planned the change of another rests. Throws as prepareDelete. */
export async function checkUnchanged(context: ChangesContext, plan: PlannedChange): Promise<void> {
  await new PlanWatch(context, plan, undefined).read();
}

/** A reading may be so old when the request goes out. */
const oldAfterMs = 1_000;

/** Looks whether an automation is still as a change was planned for. */
class PlanWatch {
  #last: Reading;
  #readMs = 0;

  constructor(
    private readonly context: ChangesContext,
    private readonly plan: PlannedChange,
    private readonly sent: Partial<AutomationFields> | undefined,
  ) {
    this.#last = plan.planned;
  }

  async read(options: RequestOptions = {}): Promise<AutomationDetail> {
    const { signal } = this.context;
    const { deploymentId, automationId } = this.plan;
    const client = await this.context.client();
    const current = await client.automations.get(deploymentId, automationId, { signal, ...options });
    const changed = this.#changedFields(current);
    if (changed.length > 0) throw changedMeanwhile(changed, this.plan);
    this.#last = current;
    this.#readMs = this.context.monotonic();
    return current;
  }

  readonly beforeResend = async ({ leftMs }: { leftMs: number }): Promise<void> => {
    if (this.context.monotonic() - this.#readMs <= oldAfterMs) return;
    const { persistence } = await this.context.client();
    // In an outage the reading is what is tried again, in the request's stead.
    await this.read(persistence === undefined ? { maxWaitMs: leftMs } : {});
  };

  /** What is as this change would make it is no loss: an earlier attempt may have done it. */
  #changedFields(current: Reading): FieldName[] {
    const last = this.#last;
    const sent = this.sent;
    if (current.updated_at && current.updated_at === last.updated_at) return [];
    const isEvery = sent === undefined || this.plan.isSaved === true;
    return (isEvery ? [...fieldNames] : sentFields(sent)).filter(
      (field) =>
        last[field] !== undefined &&
        isSameField(field, last[field], current[field]) !== true &&
        (sent?.[field] === undefined || isSameField(field, sent[field], current[field]) !== true),
    );
  }
}

function changedMeanwhile(
  fields: readonly FieldName[],
  { deploymentId, automationId, isSaved = false }: PlannedChange,
): NotPossibleError {
  if (isSaved) return changedSincePlan(fields.join(", "));
  return new NotPossibleError(`changed meanwhile: ${fields.join(", ")}`, {
    hint: (herm) =>
      `${herm("automations", "get", `${deploymentId}/${automationId}`)} shows it as it is now; the same command again goes by that`,
  });
}

/** What a saved plan refuses to do: what it rests on is another by now. */
export function changedSincePlan(what: string): NotPossibleError {
  return new NotPossibleError(`changed since the plan: ${what}`, {
    hint: "nothing was sent; a new plan goes by what is there now",
  });
}
