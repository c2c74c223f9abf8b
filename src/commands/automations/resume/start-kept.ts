import type { Context } from "../../../context.js";
import type { ItemResult, Outcome } from "../../../fleet/outcome.js";
import { itemKey } from "../../../fleet/refs.js";
import type { ChangeResult } from "../../../incident/change.js";
import type { ResumeItem } from "../../../incident/resume-selection.js";
import { whyNotStarted } from "../../../observe/catch-up.js";
import type { FleetRow } from "../../fleet/rows.js";
import {
  leftAnswer,
  type StartAnswer,
  type Starts,
  startMissed,
  startRow,
} from "../../sending/start-missed.js";
import type { KeptItem } from "./kept.js";
import type { PreparedResume } from "./prepared.js";

interface Resumed {
  results: readonly ChangeResult<ResumeItem>[];
  /** What is back although the answer was lost. */
  confirmed: readonly ChangeResult<ResumeItem>[];
}

/**
 * Starts one run for each that came back and was kept from firing; before the incident is closed, so that the same command
 * goes on after a kill. Throws nothing: what was resumed has to be told.
 */
export async function startKept(
  context: Context,
  { session, options, kept }: PreparedResume,
  { results: resumed, confirmed }: Resumed,
): Promise<Pick<Starts<KeptItem>, "twice"> & { rows: FleetRow[] }> {
  if (!options.catchUp || context.signal.aborted) return { rows: [], twice: [] };
  const isDone = ({ outcome }: ChangeResult<ResumeItem>) => outcome.result === "done";
  const back = new Set([...resumed.filter(isDone), ...confirmed].map(({ item }) => itemKey(item)));
  const items = kept.filter((item) => item.isBack || back.has(itemKey(item)));
  const { results, twice } = await startMissed(context, {
    items,
    printer: session.printer,
    concurrency: options.concurrency,
    whyNot: (item, automation) => {
      const isPaused = automation.enabled !== true;
      const why = isPaused ? ({ reason: "paused" } as const) : whyNotStarted(automation, item.owed);
      return why && leftAnswer(why);
    },
  }).catch((error: unknown) => {
    const outcome: Outcome<StartAnswer> = context.signal.aborted
      ? { result: "skipped", reason: "interrupted" }
      : { result: "failed", error };
    const none = items.map((item): ItemResult<KeptItem, StartAnswer> => ({ item, outcome }));
    return { results: none, twice: [] };
  });
  return { rows: results.map(rowOf), twice };
}

function rowOf(result: ItemResult<KeptItem, StartAnswer>): FleetRow {
  const row = startRow(result);
  return row.result === "skipped" ? { ...row, reason: `not started: ${row.reason}` } : row;
}
