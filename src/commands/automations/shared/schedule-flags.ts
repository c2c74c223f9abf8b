/** The schedule of a create or update: its flags, and the question that asks for it. */

import type { Automation } from "../../../api/types.js";
import { advanced, flag, text, type Values } from "../../../command/flags.js";
import { refuseTogether } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context/context.js";
import { UsageError } from "../../../errors/cli-errors.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { factSeparator, plainStyle } from "../../../output/style.js";
import type { SchedulePreview } from "../../../schedule/preview.js";
import { livePreview, moveNote, zoneHint } from "../../schedule/preview-lines.js";

/** The flags for a schedule; check them with `checkScheduleFlags`, and read them with `readScheduleFlags`. */
export const scheduleFlags = {
  schedule: text("schedule", 'UTC cron or words: "every Monday at 9am"'),
  tz: text("zone|local", "the schedule's time zone; times are converted to UTC", {
    completes: "zones",
    mayBeEmpty: true,
  }),
  asTyped: advanced(flag("send the schedule exactly as typed")),
};

export type ScheduleFlags = Partial<Values<typeof scheduleFlags>>;

/** The schedule to send; `cron` is the same as a cron expression, absent if only the platform can read the text. */
export interface ScheduleToSend {
  text: string;
  cron?: string;
  /** Notes for the user before the save, such as about a shift due to daylight saving. */
  notes: string[];
}

/** Throws for flags that contradict each other. */
export function checkScheduleFlags(flags: ScheduleFlags): void {
  if (flags.tz !== undefined && flags.schedule === undefined) throw new UsageError("--tz needs --schedule");
  if (flags.asTyped === true && flags.schedule === undefined)
    throw new UsageError("--as-typed needs --schedule");
  refuseTogether(
    { "--tz": flags.tz, "--as-typed": flags.asTyped },
    { hint: "the platform reads an as-typed schedule as UTC" },
  );
}

/** Reads the schedule as a UTC cron expression to send. Throws UsageError if it can't be read; never guesses. */
export async function readScheduleFlags(
  context: Pick<Context, "now" | "io" | "settings">,
  flags: ScheduleFlags & { schedule: string },
): Promise<ScheduleToSend> {
  checkScheduleFlags(flags);
  if (flags.asTyped === true) return { text: flags.schedule, notes: [] };
  const { previewSchedule } = await import("../../../schedule/preview.js");
  const preview = await previewSchedule({ text: flags.schedule, timeZone: flags.tz, now: context.now() });
  if (preview.ok)
    return {
      text: preview.cron,
      cron: preview.cron,
      notes: await notesOf(preview, context, await createPrinter(context)),
    };
  const { scheduleError } = await import("../../../schedule/schedule-error.js");
  throw scheduleError(flags.schedule, preview);
}

async function notesOf(
  preview: SchedulePreview,
  { io }: Pick<Context, "io">,
  { format }: Printer,
): Promise<string[]> {
  const notes: string[] = [];
  if (format.isForReading) {
    // A terminal shows the description with the result.
    const { description, note } = preview;
    if (!io.stdoutIsTty || note !== undefined)
      notes.push(`the schedule: ${description}${note === undefined ? "" : ` (${note})`}`);
    const hint = zoneHint(preview);
    if (hint !== undefined && io.stderrIsTty) notes.push(hint);
  }
  const { frequentText } = await import("../../../schedule/frequency.js");
  return [...notes, frequentText(preview.cron), moveNote(preview)].filter((note) => note !== undefined);
}

/**
 * Compares the server's next run with ours, both counted from the moment of the change. Returns a warning, or undefined
 * if they agree or can't be compared.
 */
export async function nextRunMismatch(
  automation: Automation,
  cron: string | undefined,
): Promise<string | undefined> {
  const served = automation.next_run_at;
  const changedAt = automation.updated_at ?? automation.created_at;
  if (cron === undefined || !served || !changedAt) return undefined;
  const { nextTimes } = await import("../../../schedule/cron-times.js");
  const changed = new Date(changedAt);
  const servedAt = new Date(served).getTime();
  const [ours] = nextTimes(cron, changed, 1);
  if (ours?.getTime() === servedAt) return undefined;
  // One minute of tolerance: a due minute may pass between the server's read and its answer.
  const [oursLater] = nextTimes(cron, new Date(changed.getTime() + 60_000), 1);
  if (oursLater?.getTime() === servedAt) return undefined;
  return `the server will run this at ${served}, ${ours ? `not ${ours.toISOString()}` : "but it has no due time"}`;
}

/**
 * Asks for a schedule and shows a preview below the line. Refuses an invalid schedule there, in the same words as the
 * flag. `present` is the default, accepted even if unreadable.
 */
export async function askForSchedule(
  context: Context,
  { present }: { present?: string } = {},
): Promise<string> {
  const [{ loadPreviewSchedule }, { firstForms }] = await Promise.all([
    import("../../../schedule/preview.js"),
    import("../../../schedule/known-forms.js"),
  ]);
  const previewNow = await loadPreviewSchedule();
  const read = (text: string) => previewNow({ text, now: context.now() });
  const style = { ...plainStyle, isInWords: context.io.inWords !== undefined };
  return context.prompts.input({
    message: "Schedule (UTC)",
    default: present,
    validate: (text) => {
      if (text === present) return true;
      const preview = read(text);
      return preview.ok || [preview.reason, preview.hint].filter(Boolean).join(factSeparator(style));
    },
    preview: (text) => {
      if (text.trim() === "") return `for example: ${firstForms.join(factSeparator(style))}`;
      // Unstyled and unescaped, because the prompt makes the whole preview safe.
      return livePreview(read(text), { style, columns: context.io.columns, now: context.now() });
    },
  });
}
