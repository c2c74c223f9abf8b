import { formatSpread } from "../../../../manifest/spread.js";
import { describeSchedule } from "../../../../schedule/describe.js";
import type { ChangeRow } from "./rows.js";

/** `0 9 * * 1 (every Monday at 09:00 UTC)`; a schedule in words alone. Plain text. */
export async function withWords(schedule: string): Promise<string> {
  const words = await describeSchedule(schedule);
  return words === schedule ? schedule : `${schedule} (${words})`;
}

/** `, spread by 12m`: minutes that the manifest doesn't say. */
export function spreadText({ spread_minutes: minutes = 0 }: Pick<ChangeRow, "spread_minutes">): string {
  return minutes === 0 ? "" : `, spread by ${formatSpread(minutes)}`;
}
