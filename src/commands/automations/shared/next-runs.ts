import type { Automation } from "../../../api/types.js";
import { groupBy } from "../../../manifest/group-by.js";
import { joinNames, limitLines } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { readSchedule } from "../../../schedule/read.js";
import { nextRunMismatch } from "./schedule-flags.js";

const mostWarnings = 10;

/** Compares the server's next runs with those that changed schedules should have. */
export class NextRunCheck {
  readonly #mismatches: { called: string; mismatch: string }[] = [];

  /** `schedule` is the text that was sent. Unreadable text isn't compared. */
  async compare(
    automation: Automation,
    { name, schedule }: { name: string; schedule: string },
  ): Promise<void> {
    const reading = readSchedule(schedule);
    const mismatch = reading.ok ? await nextRunMismatch(automation, reading.cron) : undefined;
    if (mismatch !== undefined) this.#mismatches.push({ called: `"${name}"`, mismatch });
  }

  warn(printer: Pick<Printer, "warn">): void {
    const groups = groupBy(this.#mismatches, ({ mismatch }) => mismatch);
    const lines = [...groups].map(
      ([mismatch, of]) => `${joinNames(of.map(({ called }) => called))}: ${mismatch}`,
    );
    for (const line of limitLines(lines, mostWarnings)) printer.warn(line.trim());
  }
}
