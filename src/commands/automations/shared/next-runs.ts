import type { Automation } from "../../../api/types.js";
import { groupBy } from "../../../manifest/group-by.js";
import { limitLines, listed } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { readSchedule } from "../../../schedule/read.js";
import { nextRunMismatch } from "./schedule-flags.js";

const mostWarnings = 10;

/** Compares when the server will run what was changed with its schedule. */
export class NextRunCheck {
  readonly #mismatches: { called: string; mismatch: string }[] = [];
  /** Comparisons by schedule, next run and minute of the change: over a fleet they repeat. */
  readonly #comparisons = new Map<string, Promise<string | undefined>>();

  /** `schedule`: as it was sent. One that can't be read here isn't compared. */
  async compare(
    automation: Automation,
    { name, schedule }: { name: string; schedule: string },
  ): Promise<void> {
    const { next_run_at: served, updated_at, created_at } = automation;
    const reading = readSchedule(schedule);
    if (!reading.ok) return;
    const minute = (updated_at ?? created_at ?? "").slice(0, "2026-01-01T00:00".length);
    const key = `${schedule} ${served} ${minute}`;
    const comparison =
      this.#comparisons.get(key) ??
      nextRunMismatch(automation, { text: schedule, cron: reading.cron, notes: [] });
    this.#comparisons.set(key, comparison);
    const mismatch = await comparison;
    if (mismatch !== undefined) this.#mismatches.push({ called: `"${name}"`, mismatch });
  }

  warn(printer: Pick<Printer, "warn">): void {
    const groups = groupBy(this.#mismatches, ({ mismatch }) => mismatch);
    const lines = [...groups].map(
      ([mismatch, of]) => `${listed(of.map(({ called }) => called))}: ${mismatch}`,
    );
    for (const line of limitLines(lines, mostWarnings)) printer.warn(line.trim());
  }
}
