/** Notes about an API that doesn't respond, and about the retries. */

import type { HermClient } from "../../api/client.js";
import type { SilenceNews } from "../../api/request-options.js";
import { type OutageNews, OutageRetry } from "../../api/retry/outage-retry.js";
import type { Context } from "../../context/context.js";
import { knownName } from "../../fleet/selection.js";
import { formatDuration } from "../../output/duration.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { isScreenTaken } from "../../output/sink.js";

/** For a `--max-wait` of up to this many ms, no shorter one is suggested. */
const hastyMs = 5000;

/** Reports that there is no response, unless a screen is being drawn. */
export async function printSilence(
  context: Pick<Context, "io" | "settings">,
  client: HermClient,
  news: SilenceNews,
): Promise<void> {
  if (isScreenTaken(context.io)) return;
  const printer = await createPrinter(context);
  printWaiting(context, { printer, client, news });
  const waitHint = fasterHint(news, "see");
  if (waitHint !== undefined) printer.note(waitHint);
}

/** Reports the reason and length of a wait. */
function printWaiting(
  { io }: Pick<Context, "io">,
  { printer, client, news }: { printer: Printer; client: HermClient; news: SilenceNews },
): void {
  const { failure, leftMs, deployment_id } = news;
  // Clears the progress bar, which would otherwise show stale text.
  if (io.stderrIsTty && io.canRedraw) printer.err(`\r${" ".repeat(io.columns - 1)}\r`);
  const name = deployment_id && printer.isForPerson ? knownName(client, deployment_id) : undefined;
  const where = deployment_id === undefined ? "" : `${safe(name ?? deployment_id, "cell")}: `;
  const what = failure === undefined ? "no answer for 5 s; waiting" : `${failure.message}; retrying`;
  printer.note(`${where}${what} for up to ${formatDuration(Math.ceil(leftMs / 1000) * 1000)}`);
}

/** Suggests how to go on without the only deployment that is waited for; undefined if it is already excluded. */
function fasterHint(
  { deployment_id, leftMs }: Pick<SilenceNews, "deployment_id" | "leftMs">,
  what: "do" | "see",
): string | undefined {
  if (deployment_id === undefined || leftMs <= hastyMs) return undefined;
  return `to ${what} the others sooner: Ctrl-C, then --max-wait 5s`;
}

/** Retries through an outage (outage-retry.ts) and reports it once. `done`: the word for changes, none of them done. */
export async function retryOutages(context: Context, done?: string): Promise<OutageRetry> {
  const client = await context.client();
  const printer = await createPrinter(context);
  let isNothingReported = false;
  const onOutage = ({ isBeforeChanges, ...news }: OutageNews) => {
    printWaiting(context, { printer, client, news });
    if (done === undefined || !isBeforeChanges || isNothingReported) return;
    isNothingReported = true;
    const waitHint = fasterHint(news, "do");
    printer.note(`nothing is ${done} yet${waitHint === undefined ? "" : `; ${waitHint}`}`);
  };
  return client.retryOutages((options) => new OutageRetry({ ...options, onOutage }));
}
