import type { Automation, AutomationRef } from "../../api/types.js";
import { lookLimitMs, looksWithin, readBack } from "../../changes/read-back.js";
import type { Context } from "../../context.js";
import { unlessGone } from "../../fleet/read-many.js";
import type { ItemFields } from "../../history/change.js";
import { createPrinter } from "../../output/printer.js";
import { formatLocalClock } from "../../output/time.js";

/** A change whose answer was lost, and what shows that it was done. */
export interface LostChange extends AutomationRef {
  after: ItemFields | undefined;
  isSeen(reading: Automation | undefined): boolean;
}

/** The reading that shows a lost change; undefined: none does. */
type Settled = { reading: Automation | undefined } | undefined;

export type SettleLater = (lost: LostChange, error: unknown) => Promise<Settled>;

/** Reports lost answers, and how long is checked what became of them. `label`: of what, where others are sent too. */
export function checkingText(until: Date, { label = "", count = 1 } = {}): string {
  const [to, was] = count === 1 ? ["", "it was"] : [` to ${count} changes`, "they were"];
  const what = label === "" ? "" : `${label}: `;
  return `${what}no answer${to}: checking until ${formatLocalClock(until)} whether ${was} done`;
}

/** Looks for a change that was sent alone; Ctrl-C leaves it unknown. */
export async function lookFor(context: Context, lost: LostChange, sentMs: number): Promise<Settled> {
  const { signal } = context;
  if (signal.aborted) return undefined;
  const { automations } = await context.client();
  const printer = await createPrinter(context);
  const [found] = await readBack(context, {
    sentMs,
    onStart: (until) => printer.note(checkingText(until)),
    find: async (options) => {
      const reading = await unlessGone(automations.get(lost.deployment_id, lost.automation_id, options));
      return lost.isSeen(reading) ? [{ reading }] : [];
    },
  }).catch((reason: unknown) => {
    if (signal.aborted) return [];
    throw reason;
  });
  return found;
}

/** Times of the looks for many, after the last failure, and the limit of one. */
const lookAfterMs: readonly number[] = [3_500, 7_500, 15_500];

interface LookForMany {
  count: number;
  failedMs: number;
  /** True if the command has reported lost answers already. */
  isReported?: boolean;
  look(): Promise<boolean>;
}

/** Looks, at each of these times, what became of so many lost changes, until `look` says that all is known. */
export async function lookForMany(
  context: Context,
  { count, failedMs, isReported = false, look }: LookForMany,
): Promise<void> {
  const times = looksWithin(lookAfterMs, lookLimitMs(context.settings.flags, 0));
  const leftMs = (afterMs: number) => Math.max(0, failedMs + afterMs - context.monotonic());
  const until = new Date(context.now().getTime() + leftMs(times.at(-1) ?? 0));
  if (!isReported) (await createPrinter(context)).note(checkingText(until, { count }));
  for (const afterMs of times) {
    await context.sleep(leftMs(afterMs), context.signal);
    // Changes arrive: what comes after them needn't be given up.
    if (await look()) return (await context.client()).outageRetry?.succeed("convergent");
  }
}
