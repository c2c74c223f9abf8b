import { declareCommand } from "../../command/declaration.js";
import { count, flag, required, text } from "../../command/flags.js";
import { UsageError } from "../../errors/cli-errors.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { formatRfc3339 } from "../../output/time.js";
import { loadLibrary } from "../../schedule/describe.js";
import { runsADay } from "../../schedule/frequency.js";
import { previewSchedule, type SchedulePreview } from "../../schedule/preview.js";
import { scheduleError } from "../../schedule/schedule-error.js";
import { formatInZone, readTimeZone } from "../../schedule/time-zone.js";
import { previewLines, zoneHint } from "./preview-lines.js";

export const command = declareCommand({
  effect: "reads",
  arguments: { schedule: required("schedule", "a five-field cron expression, or words") },
  flags: {
    tz: text("zone", "the schedule's time zone, or local (default: UTC)", {
      completes: "zones",
      mayBeEmpty: true,
    }),
    next: count("how many next run times to show", { usual: 5, most: 1000 }),
    verbose: flag("add cronstrue's wording, for comparison"),
  },
  help: {
    about: "Explain a schedule: its UTC cron, its meaning, and its next run times.",
    use: "Try a schedule before you use it in create, update or a manifest. Works offline, without a key.",
    notes:
      'It understands five-field cron expressions, @hourly to @yearly, and words such as "every 15 minutes between 9am and 5pm on weekdays" or "on the 1st and 15th of every month at 9:30am".',
    inPipe: "time in UTC, local time, what daylight saving does to it, cron, sentence",
    exitCodes: { 2: "the schedule can't be read; the hint suggests another" },
    examples: [
      'herm schedule explain "every monday at 9am" --tz America/New_York',
      'herm schedule explain "*/15 9-17 * * 1-5" --next 3 --output json',
    ],
  },
  /** Throws UsageError if the schedule is refused (src/schedule/README.md). */
  async run(context, { schedule, tz: timeZone, next, verbose }): Promise<void> {
    const printer = await createPrinter(context);
    const { isNamesOnly, isForReading } = printer.format;
    if (isNamesOnly) {
      throw new UsageError("schedules have no ids, so -o name can't print them", { hint: "-o json" });
    }
    const now = context.now();
    // The machine's zone is shown only to people, so that JSON is the same everywhere.
    const displayZone = timeZone ?? (isForReading ? undefined : "UTC");
    const preview = await previewSchedule({ text: schedule, timeZone, displayZone, now, count: next });
    if (!preview.ok) throw scheduleError(schedule, preview);
    await printOne(printer, {
      json: explanationJson(preview),
      table: async () => {
        if (!printer.stdoutIsTty) return printer.out(pipedLines(preview));
        const { style, columns } = printer;
        const secondOpinion = verbose ? (await loadLibrary())(preview.cron) : undefined;
        const lines = await previewLines(preview, { style, columns, now, secondOpinion });
        await printer.line([style.bold(safe(schedule, "cell")), ...lines].join("\n"));
        const hint = zoneHint(preview);
        if (hint !== undefined) printer.note(hint);
      },
    });
  },
});

function explanationJson(preview: SchedulePreview): object {
  const { input, kind, cron, description, timeZone, next, offsetChangesAt, nextAfterChange } = preview;
  return {
    input,
    kind,
    cron,
    description,
    timezone: timeZone,
    runs_a_day: runsADay(cron),
    next: next.map(({ at }) => formatRfc3339(at)),
    ...(offsetChangesAt && { offset_changes_at: formatRfc3339(offsetChangesAt) }),
    ...(nextAfterChange && { next_after_change: formatRfc3339(nextAfterChange) }),
  };
}

function pipedLines({ next, displayZone, cron, description }: SchedulePreview): string {
  const zone = readTimeZone(displayZone);
  const rows = next.map(({ at, remark = "" }) => {
    const local = zone.ok ? formatInZone(at, zone.timeZone) : "";
    return [formatRfc3339(at), local, remark, cron, description].join("\t");
  });
  return rows.map((row) => `${row}\n`).join("");
}
