import type { Command } from "commander";
import { readCount } from "../../command-line/flag-values.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { formatRfc3339 } from "../../output/time.js";
import { previewSchedule, type SchedulePreview } from "../../schedule/preview.js";
import { scheduleRefused } from "../../schedule/refused.js";
import { formatInZone, readTimeZone } from "../../schedule/time-zone.js";
import { previewLines, zoneHint } from "./preview-lines.js";

export interface ExplainOptions {
  schedule: string;
  /** A zone's name or `local`; without one the schedule is UTC. */
  timeZone: string | undefined;
  /** How many next times. */
  next: number;
}

interface ExplainFlags {
  tz?: string;
  next?: string;
}

const usualCount = 5;
const mostTimes = 1000;

export function addExplainCommand(parent: Command, context: Context): void {
  parent
    .command("explain")
    .argument("<schedule>", "cron of five fields, or words")
    .option("--tz <zone>", "the zone it is meant in, or local (default: UTC)")
    .option("--next <n>", `how many next times (default: ${usualCount})`)
    .action((schedule: string, flags: ExplainFlags) =>
      explainSchedule(context, {
        schedule,
        timeZone: flags.tz,
        next: readNext(flags.next),
      }),
    );
}

function readNext(value: string | undefined): number {
  const count = readCount("--next", value) ?? usualCount;
  if (count > mostTimes) throw new UsageError(`--next is at most ${mostTimes}, not ${count}`);
  return count;
}

/** Prints what a schedule means (cli.md, `schedule explain`). Throws UsageError for one that is refused. */
export async function explainSchedule(
  context: Pick<Context, "io" | "settings" | "now">,
  { schedule, timeZone, next }: ExplainOptions,
): Promise<void> {
  const format = context.settings.output;
  if (format === "name") {
    throw new UsageError("a schedule has no id for -o name", { hint: "-o json" });
  }
  const now = context.now();
  // The machine's zone is for people: JSON is the same everywhere.
  const displayZone = timeZone ?? (format === "table" ? undefined : "UTC");
  const preview = await previewSchedule({ text: schedule, timeZone, displayZone, now, count: next });
  if (!preview.ok) throw scheduleRefused(schedule, preview);
  const printer = await createPrinter(context);
  if (format === "json") return printer.json(explanationJson(preview));
  if (format === "jsonl") return printer.jsonLine(explanationJson(preview));
  if (!printer.stdoutIsTty) return printer.out(pipedLines(preview));
  const { style, columns } = printer;
  const lines = [style.bold(safe(schedule, "cell")), ...previewLines(preview, { style, columns, now })];
  await printer.out(`${lines.join("\n")}\n`);
  const hint = zoneHint(preview);
  if (hint !== undefined) printer.note(hint);
}

function explanationJson(preview: SchedulePreview): object {
  const { input, kind, cron, description, timeZone, next, offsetChangesAt, nextAfterChange } = preview;
  return {
    input,
    kind,
    cron,
    description,
    timezone: timeZone,
    next: next.map(({ at }) => formatRfc3339(at)),
    ...(offsetChangesAt && { offset_changes_at: formatRfc3339(offsetChangesAt) }),
    ...(nextAfterChange && { next_after_change: formatRfc3339(nextAfterChange) }),
  };
}

/** A row for each time. */
function pipedLines({ next, displayZone, cron, description }: SchedulePreview): string {
  const zone = readTimeZone(displayZone);
  const rows = next.map(({ at, remark = "" }) => {
    const local = zone.ok ? formatInZone(at, zone.timeZone) : "";
    return [formatRfc3339(at), local, remark, cron, description].join("\t");
  });
  return rows.map((row) => `${row}\n`).join("");
}
