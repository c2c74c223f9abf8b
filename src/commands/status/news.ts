import type { Context } from "../../context.js";
import { exitCodes, QuietExit } from "../../errors.js";
import type { Selection } from "../../fleet/selection.js";
import { unreadableError, warnOfUnreadable } from "../../operations/rows/read-with-progress.js";
import { RunsReader } from "../../operations/rows/runs-reader.js";
import type { FleetSession } from "../../operations/rows/session.js";
import { warnOfUnmatched } from "../../operations/selection/selection.js";
import { lockWait } from "../../operations/sending/wait-for-lock.js";
import type { Printer } from "../../output/printer.js";
import { finishOutput } from "../../output/sink.js";
import { compareNews, newsFilter } from "./compare.js";
import { printNews } from "./news-view.js";
import { unreadIn } from "./print.js";
import { readFleetStatus } from "./read-status.js";
import { type Look, mostSeen, pathOfLook, readSeen, writeSeen } from "./seen.js";

/**
 * Prints what is new or over since the last look at this selection, which is remembered once that was delivered. Throws
 * PartialFailureError where something couldn't be read, else QuietExit (9) where anything is new.
 */
export async function reportNews(
  context: Context,
  session: FleetSession,
  { selection, printer, graceMs }: { selection: Selection; printer: Printer; graceMs: number },
): Promise<void> {
  const { settings } = context;
  const look: Look = { api: session.api, selection: normalised(selection, graceMs) };
  const report = async () => {
    const { seen, isFirst, loss } = readSeen(settings, look);
    const status = await readFleetStatus(context, session, {
      ...{ selection, graceMs, known: seen, isShown: newsFilter(seen) },
      reader: new RunsReader(session.client),
      room: () => Number.POSITIVE_INFINITY,
    });
    const news = compareNews(status, seen);
    const unreadable = unreadIn(status, news.errors);
    if (loss !== undefined) printer.warn(loss);
    await printNews(context, printer, { status, news, isFirst });
    await warnOfUnreadable(unreadable, { printer, settings });
    warnOfUnmatched(printer, selection);
    await finishOutput(context.io);
    // Whoever closed the pipe hasn't read it.
    if (!printer.closed) writeSeen(settings, look, news.seen);
    if (news.seen.length > mostSeen)
      printer.warn(`only ${mostSeen} are remembered: the others will be new again`);
    const failure = unreadableError(unreadable, "status");
    if (failure !== undefined) throw failure;
    if (status.rows.length > 0) throw new QuietExit(exitCodes.found);
  };
  const wait = lockWait(context, { printer, what: "what this selection has shown" });
  await settings.files.withLock(pathOfLook(settings, look), report, wait);
}

/** The same of a selection however it was typed; all deployments are what neither of the first two narrows. */
function normalised(
  { deployments, customer, match, except, failures }: Selection,
  graceMs: number,
): Look["selection"] {
  const sorted = (values: readonly string[]) => [...new Set(values)].toSorted();
  const names = { deployments: sorted(deployments), customer, match, except: sorted(except.values) };
  return { ...names, failures, graceMs };
}
