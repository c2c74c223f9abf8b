/** A planned change: its automation is read again right before it is sent, and its response has to confirm it. */

import { AmbiguousError } from "../api/errors.js";
import { saysNotThere } from "../api/exchange.js";
import { isPresent } from "../api/json.js";
import type { CallOptions } from "../api/request-options.js";
import { laterLooksMs, longestLookMs, lookAgain } from "../api/retry/attempts.js";
import type { Automation, AutomationDetail, AutomationFields, AutomationRef } from "../api/types.js";
import { ChangeIgnoredError, hintTo, NotPossibleError } from "../errors/cli-errors.js";
import { type FieldName, fieldNames, isSameField, sentFields, showsFields } from "./fields.js";
import type { ChangesContext, SendHooks, Sending } from "./sending.js";

/** An automation as read; fields missing from the read aren't compared. */
type KnownFields = { readonly [Field in FieldName | "updated_at"]?: Automation[Field] };

export interface PlannedChange extends AutomationRef {
  planned: KnownFields;
  /** Called with each later read that differs from the intended result; throws if the change is no longer allowed. */
  onReread?(current: AutomationDetail): void;
}

interface PlannedUpdate extends PlannedChange {
  fields: Partial<AutomationFields>;
}

/** A planned change, which may be sent once `before` is recorded. */
export interface ReadyChange<Answer> extends Sending<Answer> {
  /** The automation as planned, or as it is now if fields are missing from the plan. */
  before: Automation;
  /**
   * Reads once more, right before `send`: true if the automation is already as intended. Throws NotPossibleError if a
   * relevant field has changed since, and the API's NotFoundError if the automation no longer exists.
   */
  isDone(): Promise<boolean>;
  /** If it has to wait, reads again and can throw whatever isDone throws; calls `resend` before each retry. */
  send(hooks: SendHooks): Promise<Answer>;
}

/**
 * Prepares an update that overwrites no change made since it was planned (src/changes/README.md, "Nothing is lost").
 * Only the fields that it sends count. The API supports no preconditions, so a change within one round trip is missed.
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

/** The maximum age at which a read needn't be repeated before the request. */
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

  /** Returns the planned read if it has all of these fields, otherwise a new one. */
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
        // In an outage, the read is retried instead of the request.
        await this.read(outageRetry === undefined ? { maxWaitMs: leftMs } : {});
      }
      resend({ isLost });
    };
  }

  isDone(current: KnownFields): boolean {
    return this.sent !== undefined && showsFields(current, this.sent);
  }

  /** Omits fields that already have the new value, which an earlier attempt may have set. */
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
      `to build on that, run the command again; to see it as it is now: ${herm("automations", "get", `${deployment_id}/${automation_id}`)}`,
  });
}

interface Patch extends AutomationRef {
  fields: Partial<AutomationFields>;
  options?: CallOptions;
}

/**
 * Sends a PATCH without a check: a pause or resume, which overwrites no other field, or one that `prepareUpdate` has
 * checked. A request in flight at Ctrl-C finishes, so that its outcome is known. Throws what `confirmChange` throws.
 */
export async function patchAutomation(
  context: ChangesContext,
  { deployment_id, automation_id, fields, options }: Patch,
): Promise<Automation> {
  const client = await context.client();
  const stopping = { stopSignal: context.signal, ...options };
  const answer = await client.automations.update(deployment_id, automation_id, fields, stopping);
  return confirmChange(context, { deployment_id, sent: fields, answer, kind: "update" });
}

/** Returns a function that finds whether a PATCH of these fields took effect. */
export function findPatched({ fields, ...ref }: Patch): Sending<Automation>["find"] {
  return async (look) => {
    const reading = await look.read(ref, fields);
    return reading && showsFields(reading, fields) ? [reading] : [];
  };
}

/** Fields that the API documents as present in every response. Instructions and thread may need a GET. */
const documented: ReadonlySet<FieldName> = new Set(["name", "schedule", "enabled"]);

interface AnsweredChange {
  deployment_id: string;
  sent: Partial<AutomationFields>;
  answer: Automation;
  kind: "create" | "update";
}

/**
 * Accepts a response that shows the sent values, compared by meaning; if it doesn't, reads until the automation shows
 * them. Returns the completed response, or the automation as read. Throws ChangeIgnoredError if it never shows them,
 * AmbiguousError if reading fails or Ctrl-C comes first, and the API's NotFoundError if it no longer exists after an
 * update.
 */
export async function confirmChange(context: ChangesContext, change: AnsweredChange): Promise<Automation> {
  const { answer, sent } = change;
  const { lacking, differing } = compare(answer, sent);
  if (lacking.length + differing.length === 0) return answer;
  let last: Check = { missed: [] };
  // A response that is merely missing fields doesn't suggest a delay, so it is checked at once.
  const afterMs = differing.length === 0 ? [0, ...laterLooksMs] : laterLooksMs;
  for await (const interruption of lookAgain(context, { afterMs, signal: context.signal })) {
    last = await checkOnce(context, change);
    if ("stored" in last)
      return differing.length === 0 ? { ...answer, ...documentedOf(last.stored, lacking) } : last.stored;
    if (interruption !== undefined) last = { cause: interruption };
  }
  if (!("cause" in last)) throw ignored(change, last.missed);
  const { deployment_id, kind } = change;
  const { automation_id } = answer;
  throw new AmbiguousError({
    sent: { kind, deployment_id, automation_id, fields: sent },
    sentAt: context.now(),
    cause: last.cause,
  });
}

/** The automation with the sent values, the fields that differ from them (undefined: no automation), or an error. */
type Check = { stored: Automation } | { missed: FieldName[] | undefined } | { cause: unknown };

async function checkOnce(
  context: ChangesContext,
  { deployment_id, sent, answer, kind }: AnsweredChange,
): Promise<Check> {
  const client = await context.client();
  const options = { stopSignal: context.signal, maxWaitMs: longestLookMs };
  try {
    const stored = await client.automations.get(deployment_id, answer.automation_id, options);
    const { lacking, differing } = compare(stored, sent);
    const missed = [...lacking.filter((field) => documented.has(field)), ...differing];
    return missed.length === 0 ? { stored } : { missed };
  } catch (cause) {
    if (!saysNotThere(cause)) return { cause };
    if (kind === "update") throw cause;
    return { missed: undefined };
  }
}

/** A schedule in words may come back as a cron expression; if the two can't be compared, they count as equal. */
function compare(
  shown: Automation,
  sent: Partial<AutomationFields>,
): Record<"lacking" | "differing", FieldName[]> {
  const fields = sentFields(sent);
  const isLacking = (field: FieldName) => shown[field] === undefined || shown[field] === null;
  return {
    lacking: fields.filter(isLacking),
    differing: fields.filter(
      (field) => !isLacking(field) && isSameField(field, sent[field], shown[field]) === false,
    ),
  };
}

function documentedOf(stored: Automation, fields: readonly FieldName[]): Partial<Automation> {
  return Object.fromEntries(
    fields.filter((field) => documented.has(field)).map((field) => [field, stored[field]]),
  );
}

function ignored(
  { deployment_id, answer: { automation_id }, sent, kind }: AnsweredChange,
  missed: FieldName[] | undefined,
): ChangeIgnoredError {
  const ref = `${deployment_id}/${automation_id}`;
  if (missed === undefined)
    return new ChangeIgnoredError(`the API answered, but ${automation_id} doesn't exist`);
  if (kind === "create") {
    return new ChangeIgnoredError(
      `the API answered, but ${automation_id} differs from what was sent: ${missed.join(", ")}`,
      {
        createdId: automation_id,
        hint: hintTo("to see what was created", "automations", "get", ref),
      },
    );
  }
  const isWhole = missed.length === sentFields(sent).length;
  return new ChangeIgnoredError(
    `the API answered, but didn't change it${isWhole ? "" : `: ${missed.join(", ")}`}`,
    { isPartial: !isWhole, hint: hintTo("to see it as it is now", "automations", "get", ref) },
  );
}
