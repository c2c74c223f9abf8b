import { type OutageNews, OutageRetry } from "../../api/retry/outage-retry.js";
import type { Context } from "../../context/context.js";
import { createPrinter } from "../../output/printer.js";
import type { DoneResult } from "./rows.js";
import { fasterHint, printWaiting } from "./wait-notes.js";

/**
 * Retries through an outage (outage-retry.ts), which is reported once. `done`: names what nothing is yet before the first
 * change.
 */
export async function retryOutages(context: Context, done?: DoneResult): Promise<OutageRetry> {
  const client = await context.client();
  const printer = await createPrinter(context);
  let isNothingReported = false;
  const onOutage = ({ isBeforeChanges, ...news }: OutageNews) => {
    printWaiting(context, { printer, client, news });
    if (done === undefined || !isBeforeChanges || isNothingReported) return;
    isNothingReported = true;
    const waitHint = fasterHint(news, "does");
    printer.note(`nothing is ${done} yet${waitHint === undefined ? "" : `: ${waitHint}`}`);
  };
  return client.retryOutages((options) => new OutageRetry({ ...options, onOutage }));
}
