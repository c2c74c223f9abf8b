import { declareCommand, requestCodes } from "../../command/declaration.js";
import { duration, flag, inGroup } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { exitCodes, QuietExit } from "../../errors/cli-errors.js";
import { listDeployments, type Selection } from "../../fleet/selection.js";
import { messageOf } from "../../invocation/report-error.js";
import { unreadableError } from "../../operations/rows/progress.js";
import { RunsReader } from "../../operations/rows/runs-reader.js";
import { type FleetSession, openFleetSession } from "../../operations/rows/session.js";
import {
  readSelection,
  selectionFlags,
  warnOfUnmatched,
} from "../../operations/selection/selection-flags.js";
import { pipedFields } from "../../output/columns.js";
import { createPrinter, type Printer, requireScreen } from "../../output/printer.js";
import { columnsNow } from "../../output/terminal/watch-screen.js";
import { type FleetStatus, itemRows, type StatusRow } from "./facts.js";
import { moreText, mostRead, printFleetStatus, roomOn, unreadIn } from "./print.js";
import { readFleetStatus } from "./read-status.js";
import { headOf, rowColumns, withoutCount } from "./status-view.js";

export const command = declareCommand({
  effect: "reads",
  flags: {
    ...selectionFlags,
    grace: duration("how late a run may be before it is overdue", { usual: "15m" }),
    ...inGroup("Output", {
      new: flag("only problems new or resolved since the last report; exit with 9 if any is new", {
        excludes: ["watch", "exitCode"],
      }),
      watch: flag("redraw in place and mark changes; q or Ctrl-C stops", { excludes: ["exitCode"] }),
      exitCode: flag("exit with 9 if anything needs attention"),
    }),
  },
  help: {
    about: "Show the fleet on one screen: counts, next runs, and problems, worst first.",
    use: "Start here when on call. It shows all deployments, even if you've chosen one; use -d to narrow it down.",
    notes:
      "An automation is judged by its newest run: it is waiting for an answer, even if paused; or it is enabled, and failed or is overdue (an estimate). Unexpected: it ran on schedule despite being paused. Stopped: an open incident holds automations, or all are paused and one ran in the last 7 days. Each row shown takes one request, or two if waiting. --new compares with the last report for the same selection; the first report shows everything. A streak that got longer isn't new, and one of an automation that can't be read is neither new nor over. To have reports sent to you, see herm help alerts.",
    inPipe: `first the counts: automations, enabled, paused, and at least how many are running and need attention; then ${pipedFields(withoutCount(rowColumns(new Date(0))))}; with --new, no counts, and new or over first`,
    exitCodes: requestCodes({
      8: "a deployment, or the details of a row, could not be read",
      9: "with --exit-code, if anything needs attention; with --new, if anything is new",
    }),
    examples: ["herm status", "herm status --watch", "herm status --new --quiet"],
  },
  async run(context, input): Promise<void> {
    const selection = readSelection(context, input);
    const printer = await createPrinter(context);
    if (input.watch) requireScreen(printer);
    const session = await openFleetSession(context);
    const options = { selection, printer, graceMs: input.grace };
    if (input.watch) return watchFleet(context, session, options);
    if (input.new) return (await import("./news.js")).reportNews(context, session, options);
    const status = await readFleetStatus(context, session, {
      selection,
      graceMs: input.grace,
      reader: new RunsReader(session.client),
      room: printer.isForPerson ? roomOn(context, printer) : () => mostRead,
    });
    await printFleetStatus(context, printer, { status, selection });
    warnOfUnmatched(printer, selection);
    for (const { item, error } of status.unreadRuns)
      printer.warn(`${status.names.of(item)}: ${messageOf(error)}`);
    const failure = unreadableError(unreadIn(status, status.errors), "status");
    if (failure !== undefined) throw failure;
    if (input.exitCode && status.rows.length > 0) throw new QuietExit(exitCodes.found);
  },
});

async function watchFleet(
  context: Context,
  session: FleetSession,
  { selection, printer, graceMs }: { selection: Selection; printer: Printer; graceMs: number },
): Promise<void> {
  let status: FleetStatus | undefined;
  const reader = new RunsReader(session.client);
  const options = () => ({ style: printer.style, columns: columnsNow(context.io) });
  const { watchRows } = await import("../../operations/rows/watch-rows.js");
  await watchRows<StatusRow>(context, {
    read: async ({ isFirst }) => {
      const { client } = session;
      const allDeployments = isFirst
        ? session.allDeployments
        : await listDeployments(client, undefined, context.signal);
      status = await readFleetStatus(
        context,
        { ...session, allDeployments },
        { selection, before: status, graceMs, reader, room: (draft) => roomOn(context, options())(draft) },
      );
      const { room, unreadable } = status;
      return { rows: itemRows(status).slice(0, room), isComplete: unreadable.length === 0 };
    },
    head: () => (status === undefined ? { fixed: [], timed: [] } : headOf(status, options())),
    columns: rowColumns,
    idOf: ({ problem, called }) => JSON.stringify([problem, called]),
    readMs: (row) => row.readMs,
    total: (count) => {
      const more = status && moreText(status);
      const all = status?.facts.findings.length ?? count;
      return more ?? `${all} ${all === 1 ? "needs" : "need"} attention`;
    },
  });
}
