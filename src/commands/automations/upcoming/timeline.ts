import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { formatLocal, relative } from "../../../output/time.js";
import { told } from "../../../output/value-text.js";
import { cut, displayWidth, pad } from "../../../output/width.js";
import type { Occurrence } from "./occurrences.js";

export interface TimelineOptions {
  now: Date;
  style: Style;
  columns: number;
  /** Several deployments: each line says which. */
  isFleet: boolean;
  /** Default: the machine's own. */
  timeZone?: string;
}

/** The times below a heading for each local day: clock, how long until, name, and the id. `≈` marks what was worked out here. */
export function renderTimeline(occurrences: readonly Occurrence[], options: TimelineOptions): string {
  const lines: string[] = [];
  let lastDay = "";
  const names = nameWidth(occurrences, options);
  for (const occurrence of occurrences) {
    const { day, clock, offset } = localParts(occurrence.at, options.timeZone);
    if (day !== lastDay)
      lines.push(...(lastDay === "" ? [] : [""]), `${options.style.bold(day)} ${options.style.dim(offset)}`);
    lastDay = day;
    lines.push(renderLine(occurrence, { ...options, clock, names }));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function renderLine(
  occurrence: Occurrence,
  { now, style, clock, names, columns, isFleet }: TimelineOptions & { clock: string; names: number },
): string {
  const mark = occurrence.isEstimated ? "≈" : " ";
  const name = pad(cut(safe(labelOf(occurrence, isFleet), "cell"), names), names);
  const more = occurrence.more === undefined ? "" : `  +${occurrence.more} more`;
  const id = occurrence.automation.automation_id;
  const line = `  ${clock} ${mark} ${pad(relative(occurrence.at, now), 10)} ${name}`;
  const hasRoom = displayWidth(line) + 2 + displayWidth(id) + more.length <= columns;
  return `${line}${hasRoom ? `  ${style.dim(safe(id, "cell"))}` : ""}${style.dim(more)}`.trimEnd();
}

function labelOf({ automation, deploymentName }: Occurrence, isFleet: boolean): string {
  const name = told(automation.name);
  return isFleet ? `${name} · ${deploymentName}` : name;
}

function nameWidth(occurrences: readonly Occurrence[], { columns, isFleet }: TimelineOptions): number {
  const widest = occurrences.reduce(
    (most, each) => Math.max(most, displayWidth(safe(labelOf(each, isFleet), "cell"))),
    0,
  );
  return Math.min(widest, Math.max(12, columns - 48));
}

function localParts(at: Date, timeZone: string | undefined): { day: string; clock: string; offset: string } {
  const words = formatLocal(at, timeZone).split(" ");
  return { day: words.slice(0, -2).join(" "), clock: words.at(-2) ?? "", offset: words.at(-1) ?? "" };
}
