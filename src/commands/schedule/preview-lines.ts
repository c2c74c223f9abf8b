import { labelledRows } from "../../output/labelled.js";
import { safe } from "../../output/safe.js";
import { between, type Style } from "../../output/style.js";
import { formatLocal, formatUtc, relative } from "../../output/time.js";
import type { LocalTime } from "../../schedule/local-times.js";
import type { Preview, SchedulePreview } from "../../schedule/preview.js";

export interface PreviewRenderOptions {
  style: Style;
  columns: number;
  now: Date;
}

export function previewLines(preview: SchedulePreview, options: PreviewRenderOptions): string[] {
  const { style } = options;
  return [
    ...labelledRows(factsOf(preview), { width: 8, style }),
    "",
    style.bold("Next times"),
    ...timeLines(preview, options).map((line) => `  ${line}`),
  ];
}

function factsOf(preview: SchedulePreview): [string, string][] {
  const { localDescription, description, cron, note, timeZone } = preview;
  const facts: [string, string][] =
    localDescription === undefined
      ? [["means", description]]
      : [
          ["means", `${localDescription} in ${timeZone}`],
          ["in UTC", description],
        ];
  facts.push(["cron", cron]);
  if (note !== undefined) facts.push(["note", note]);
  const move = moveOf(preview);
  if (move !== undefined)
    facts.push(["clocks", `change ${move.changesAt}`], ["", `next after that ${move.nextAt}`]);
  return facts;
}

function moveOf({ offsetChangesAt, nextAfterChange, timeZone }: SchedulePreview) {
  if (offsetChangesAt === undefined || nextAfterChange === undefined) return undefined;
  return {
    changesAt: formatLocal(offsetChangesAt, timeZone),
    nextAt: formatLocal(nextAfterChange, timeZone),
  };
}

/** A note about when the local hour of a saved schedule moves, since the API keeps no zone; plain text. */
export function moveNote(preview: SchedulePreview): string | undefined {
  const move = moveOf(preview);
  if (move === undefined) return undefined;
  return (
    `the API keeps UTC: when the clocks of ${preview.timeZone} change (${move.changesAt}) the hour moves, ` +
    `next to ${move.nextAt}; a manifest with tz: that is applied again keeps it`
  );
}

function timeLines({ next, displayZone }: SchedulePreview, options: PreviewRenderOptions): string[] {
  if (next.length === 0) return ["none"];
  const rows = next.map((time) => rowOf(time, { displayZone, now: options.now }));
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  return rows.flatMap((row) => lineOf(row, { widths, options }));
}

interface Row {
  cells: string[];
  remark: string | undefined;
}

function rowOf({ at, remark }: LocalTime, { displayZone, now }: { displayZone: string; now: Date }): Row {
  const local = displayZone === "UTC" ? [] : [formatLocal(at, displayZone)];
  return { cells: [formatUtc(at), ...local, relative(at, now)], remark };
}

function lineOf(
  { cells, remark }: Row,
  { widths, options }: { widths: number[]; options: PreviewRenderOptions },
): string[] {
  const { style, columns } = options;
  const padded = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0));
  const times = padded.slice(0, -1).join("   ");
  const until = padded.at(-1) ?? "";
  if (remark === undefined) return [`${times}   ${until.trimEnd()}`];
  const isWide = `  ${times}   ${until}   ${remark}`.length <= columns;
  if (isWide) return [`${times}   ${until}   ${style.waiting(remark)}`];
  return [`${times}   ${until.trimEnd()}`, `  ${style.waiting(remark)}`];
}

/** The meaning of a schedule while it is typed, or why it isn't one yet. */
export function livePreview(preview: Preview, options: PreviewRenderOptions): string {
  if (!preview.ok)
    return [preview.reason, preview.hint ?? ""]
      .filter(Boolean)
      .map((text) => safe(text, "cell"))
      .join("\n");
  const { description, cron, note } = preview;
  const meaning = [description, cron, ...(note === undefined ? [] : [note])].join(between(options.style));
  const hint = zoneHint(preview);
  return [meaning, ...timeLines(preview, options), ...(hint === undefined ? [] : [hint])].join("\n");
}

/** A hint for a schedule without a zone: `9am UTC is 11:00 in Europe/Berlin; --tz local for your own`. */
export function zoneHint({ utcRemark }: SchedulePreview): string | undefined {
  return utcRemark === undefined ? undefined : `${utcRemark}; --tz local for your own`;
}
