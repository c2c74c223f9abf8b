import { once } from "../../../operations/rows/once.js";
import { briefSchedule } from "../../../schedule/brief-description.js";
import { describeSchedule } from "../../../schedule/describe.js";
import type { AutomationRow } from "../shared/automation-columns.js";

type Words = Pick<AutomationRow, "scheduleWords" | "briefSchedule">;

export function describeEach(): (schedules: readonly string[]) => Promise<Map<string, Words>> {
  const words = new Map<string, Words>();
  const describe = async (schedule: string): Promise<Words> => ({
    scheduleWords: await describeSchedule(schedule),
    briefSchedule: once(() => briefSchedule(schedule)),
  });
  return async (schedules) => {
    for (const schedule of schedules) {
      if (!words.has(schedule)) words.set(schedule, await describe(schedule));
    }
    return words;
  };
}
