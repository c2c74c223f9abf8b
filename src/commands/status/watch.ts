import type { Context } from "../../context.js";
import { listDeployments, type Selection } from "../../fleet/selection.js";
import { RunsReader } from "../../operations/rows/runs-reader.js";
import type { FleetSession } from "../../operations/rows/session.js";
import { watchRows } from "../../operations/rows/watch-rows.js";
import type { Printer } from "../../output/printer.js";
import { columnsNow } from "../../output/terminal/watch.js";
import type { FleetStatus, StatusRow } from "./fleet-status.js";
import { moreText, roomOn } from "./print.js";
import { readFleetStatus } from "./read-status.js";
import { headOf, rowColumns } from "./view.js";

export async function watchFleet(
  context: Context,
  session: FleetSession,
  { selection, printer, graceMs }: { selection: Selection; printer: Printer; graceMs: number },
): Promise<void> {
  let status: FleetStatus | undefined;
  const reader = new RunsReader(session.client);
  const options = () => ({ style: printer.style, columns: columnsNow(context.io) });
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
      const { rows, room, unreadable } = status;
      return { rows: rows.slice(0, room), isComplete: unreadable.length === 0 };
    },
    head: () => (status === undefined ? { fixed: [], timed: [] } : headOf(status, options())),
    columns: rowColumns,
    idOf: ({ problem, called }) => JSON.stringify([problem, called]),
    readMs: (row) => row.readMs,
    total: (count) => {
      const more = status && moreText(status);
      const all = status?.rows.reduce((sum, { items }) => sum + items.length, 0) ?? count;
      return more ?? `${all} ${all === 1 ? "needs" : "need"} attention`;
    },
  });
}
