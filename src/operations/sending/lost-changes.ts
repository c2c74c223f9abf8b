import { isPresent } from "../../api/json.js";
import type { CallOptions } from "../../api/request-options.js";
import type { Automation } from "../../api/types.js";
import { sentFields } from "../../changes/fields.js";
import { readBack } from "../../changes/read-back.js";
import type { Look, SendHooks, Sending } from "../../changes/sending.js";
import type { Context } from "../../context/context.js";
import { OutcomeUnknownError } from "../../errors/cli-errors.js";
import { isOutcomeUnknown } from "../../errors/exit-code.js";
import { readList } from "../../fleet/lists.js";
import { unlessGone } from "../../fleet/read-many.js";
import { messageOf } from "../../invocation/report-error.js";
import { createPrinter } from "../../output/printer.js";
import { formatLocalClock } from "../../output/time.js";
import { idOf } from "./items.js";

export interface LostChange<Answer> extends Pick<Sending<Answer>, "find"> {
  deployment_id: string;
  sentMs: number;
}

/** At the end of a selection, returns evidence of success. */
export type SettleLater = <Answer>(lost: LostChange<Answer>, error: unknown) => Promise<readonly Answer[]>;

interface SendOptions {
  deployment_id: string;
  hooks?: SendHooks;
  settleLater?: SettleLater | undefined;
}

/** Sends a change, and looks for its effect if the response is lost. Rethrows the error if that remains unknown. */
export async function sendSettled<Answer>(
  context: Context,
  { send, find, onLost }: Sending<Answer>,
  { deployment_id, hooks = { resend: () => undefined }, settleLater }: SendOptions,
): Promise<Answer> {
  const sentMs = context.monotonic();
  try {
    return await send(hooks);
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    onLost?.(error);
    const lost = { deployment_id, find, sentMs };
    const found = await (settleLater?.(lost, error) ?? lookFor(context, lost));
    if (found.length === 0) throw error;
    if (found.length === 1) return found[0] as Answer;
    const several = `several match: ${found.map(idOf).join(", ")}`;
    throw new OutcomeUnknownError(`${messageOf(error)}; ${several}`, { cause: error });
  }
}

/** Looks for a single change; Ctrl-C leaves it unknown. */
async function lookFor<Answer>(
  context: Context,
  { find, sentMs }: LostChange<Answer>,
): Promise<readonly Answer[]> {
  const { signal } = context;
  if (signal.aborted) return [];
  const printer = await createPrinter(context);
  const found = await readBack(context, {
    sentMs,
    onStart: (until) => printer.note(checkingText(until)),
    find: async (options) => find(await lookAt(context, options)),
  }).catch((reason: unknown) => {
    if (signal.aborted) return [];
    throw reason;
  });
  if (found.length === 1) printer.note(["confirmed by a check", idOf(found[0]) ?? []].flat().join(": "));
  return found;
}

/** Milliseconds from the last failure to each check for many changes. */
const lookAfterMs: readonly number[] = [3_500, 7_500, 15_500];

interface LookForMany {
  count: number;
  sentMs: number;
  failedMs: number;
  look(options: CallOptions & { signal: AbortSignal }): Promise<boolean>;
}

/** Looks for this many lost changes until `look` reports that all are known. */
export async function lookForMany(context: Context, { count, look, ...times }: LookForMany): Promise<void> {
  const printer = await createPrinter(context);
  const seen = await readBack(context, {
    ...times,
    afterMs: lookAfterMs,
    onStart: (until) => printer.note(checkingText(until, count)),
    find: async (options) => ((await look(options)) ? [true] : []),
  });
  // Some changes have arrived, so later ones needn't be given up.
  if (seen.length > 0) (await context.client()).outageRetry?.succeed("convergent");
}

function checkingText(until: Date, count = 1): string {
  const [to, was] = count === 1 ? ["", "it was"] : [` to ${count} changes`, "they were"];
  return `no answer${to}: checking until ${formatLocalClock(until)} whether ${was} done`;
}

/** Makes a check that reads each list once; `listsFirst`: only automations that lists don't show need a GET. */
export async function lookAt(
  context: Pick<Context, "client">,
  options: CallOptions,
  { listsFirst = false } = {},
): Promise<Look> {
  const client = await context.client();
  const lists = new Map<string, Promise<readonly Automation[]>>();
  const list = (deployment_id: string) => {
    const reading =
      lists.get(deployment_id) ?? readList(client, deployment_id, options).then(({ data }) => data);
    lists.set(deployment_id, reading);
    return reading;
  };
  return {
    client,
    options,
    list,
    read: async ({ deployment_id, automation_id }, fields) => {
      const listed = listsFirst ? await list(deployment_id).catch(() => []) : [];
      const shown = listed.find((each) => each.automation_id === automation_id);
      // Lists don't contain instructions.
      if (shown && sentFields(fields).every((field) => isPresent(shown[field]))) return shown;
      return unlessGone(client.automations.get(deployment_id, automation_id, options));
    },
  };
}
