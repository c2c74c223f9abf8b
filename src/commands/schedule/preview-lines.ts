import { drawBlock, labelledRows } from "../../output/block.js";
import { safe } from "../../output/safe.js";
import { factSeparator, type Style } from "../../output/style.js";
import { formatLocal, formatUtc, relative } from "../../output/time.js";
import { formatRunsADay, runsADay } from "../../schedule/frequency.js";
import type { Preview, SchedulePreview } from "../../schedule/preview.js";

interface PreviewRenderOptions {
  style: Style;
  columns: number;
  now: Date;
  /** The cron in cronstrue's words. */
  secondOpinion?: string | undefined;
}

export async function previewLines(
  preview: SchedulePreview,
  options: PreviewRenderOptions,
): Promise<string[]> {
  const { style } = options;
  return [
    ...(await labelledRows(factsOf(preview, options), { width: 8, style })),
    "",
    style.bold("Next times"),
    ...(await timeLines(preview, options)).map((line) => `  ${line}`),
  ];
}

function factsOf(preview: SchedulePreview, { secondOpinion }: PreviewRenderOptions): [string, string][] {
  const { localDescription, description, cron, note, timeZone } = preview;
  const facts: [string, string][] =
    localDescription === undefined
      ? [["means", description]]
      : [
          ["means", `${localDescription} in ${timeZone}`],
          ["in UTC", description],
        ];
  facts.push(["cron", cron], ["runs", `${formatRunsADay(runsADay(cron) ?? 0)} a day`]);
  if (secondOpinion !== undefined) facts.push(["also", `${secondOpinion}, in UTC (cronstrue)`]);
  if (note !== undefined) facts.push(["note", note]);
  const move = moveOf(preview);
  if (move !== undefined)
    facts.push(["clocks", `will change on ${move.changesAt}`], ["", `next run after that: ${move.nextAt}`]);
  return facts;
}

function moveOf({ offsetChangesAt, nextAfterChange, timeZone }: SchedulePreview) {
  if (offsetChangesAt === undefined || nextAfterChange === undefined) return undefined;
  return {
    changesAt: formatLocal(offsetChangesAt, timeZone),
    nextAt: formatLocal(nextAfterChange, timeZone),
  };
}

/** A note on when the local hour of a saved schedule will shift, since the API stores no zone. Plain text. */
export function moveNote(preview: SchedulePreview): string | undefined {
  const move = moveOf(preview);
  if (move === undefined) return undefined;
  const [, day, month, year] = move.changesAt.split(" ");
  const clockAt = (local: string) => local.split(" ")[4];
  const clocks = new Set(preview.next.map(({ at }) => clockAt(formatLocal(at, preview.timeZone))));
  const clock = clockAt(move.nextAt);
  const when = clocks.size > 1 ? `at different hours, starting with ${clock}` : `at ${clock}`;
  return (
    `from ${day} ${month} ${year} it runs ${when} in ${preview.timeZone}: the API keeps UTC; ` +
    "to keep the hour, use a manifest with tz: and apply it again after the change"
  );
}

async function timeLines(
  { next, displayZone }: SchedulePreview,
  options: PreviewRenderOptions,
): Promise<string[]> {
  if (next.length === 0) return ["none"];
  const { style, columns, now } = options;
  const rows = next.map(({ at }) => {
    const local = displayZone === "UTC" ? [] : [formatLocal(at, displayZone)];
    return [formatUtc(at), ...local, relative(at, now)];
  });
  const lines = await drawBlock(rows, { gap: "   " });
  const widest = Math.max(...lines.map(({ length }) => length));
  return lines.flatMap((line, at) => {
    const remark = next[at]?.remark;
    if (remark === undefined) return [line];
    const isBeside = widest + remark.length + 5 <= columns;
    return isBeside
      ? [`${line.padEnd(widest)}   ${style.waiting(remark)}`]
      : [line, `  ${style.waiting(remark)}`];
  });
}

/** The meaning of a schedule while the user types, or the reason why it isn't valid yet. */
export async function livePreview(preview: Preview, options: PreviewRenderOptions): Promise<string> {
  if (!preview.ok)
    return [preview.reason, preview.hint ?? ""]
      .filter(Boolean)
      .map((text) => safe(text, "cell"))
      .join("\n");
  const { description, cron, note } = preview;
  const meaning = [description, cron, ...(note === undefined ? [] : [note])].join(
    factSeparator(options.style),
  );
  const hint = zoneHint(preview);
  return [meaning, ...(await timeLines(preview, options)), ...(hint === undefined ? [] : [hint])].join("\n");
}

/** A hint for a schedule that names no zone: `9am UTC is 11:00 in Europe/Berlin; --tz local for your own`. */
export function zoneHint({ utcRemark }: SchedulePreview): string | undefined {
  return utcRemark === undefined ? undefined : `${utcRemark}; for your own time zone, use --tz local`;
}
