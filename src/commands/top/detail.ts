import type { Context } from "../../context.js";
import { messageOf } from "../../report.js";
import { loadNextTimes } from "../../schedule/next.js";
import { readSchedule } from "../../schedule/read.js";
import type { Detail } from "./pane.js";
import type { TopRow } from "./row.js";

const mostLaterTimes = 5;

/** What the pane shows of a row beside what the list said; throws only when the signal ends it. */
export async function readDetail(context: Context, row: TopRow, signal: AbortSignal): Promise<Detail> {
  const { key, deploymentId } = row;
  const laterTimes = await laterTimesOf(row);
  try {
    const client = await context.client();
    const automation = await client.automations.get(deploymentId, row.automation.automation_id, { signal });
    return { key, automation, laterTimes, problem: undefined };
  } catch (error) {
    signal.throwIfAborted();
    return { key, automation: undefined, laterTimes, problem: messageOf(error) };
  }
}

/** Behind the next one, which the server tells. */
async function laterTimesOf({ automation: { schedule, next_run_at } }: TopRow): Promise<Date[]> {
  const reading = readSchedule(schedule ?? "");
  const next = new Date(next_run_at ?? Number.NaN);
  if (!reading.ok || Number.isNaN(next.getTime())) return [];
  return (await loadNextTimes())(reading.cron, next, mostLaterTimes);
}
