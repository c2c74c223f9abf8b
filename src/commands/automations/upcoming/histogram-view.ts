import type { Span } from "../../../observe/fires.js";
import { type BarSigns, bar } from "../../../output/bars.js";
import { counted } from "../../../output/count.js";
import { hourMs, minuteMs } from "../../../output/duration.js";
import type { Style } from "../../../output/style.js";
import { formatUtc } from "../../../output/time.js";
import { cut } from "../../../output/width.js";
import { type Bar, endOf } from "./histogram.js";

export interface HistogramLook {
  style: Style;
  columns: number;
  signs: BarSigns;
  /** Its empty hours are told too. */
  window: Span;
  /** What is said of the peaks, below. */
  peaks: readonly string[];
}

/** One line: an hour, hours without fires, or minutes that follow each other with as many fires each. */
interface Line extends Bar {
  /** The last of them; ms. */
  lastMs: number;
}

/**
 * The bars below a heading for each day of UTC, hours to the left and the minutes of one with a peak behind it, all at one
 * scale; then the peaks. In words a labelled line for each that has fires. Ends with a line end.
 */
export function renderHistogram(bars: readonly Bar[], look: HistogramLook): string {
  const lines = look.style.isInWords ? inWords(together(bars)) : drawn(together(bars), look);
  const peaks = look.peaks.map((text) => look.style.bold(cut(text, look.columns)));
  const below = peaks.length === 0 ? [] : ["", ...peaks];
  return [...lines, ...below].map((line) => `${line}\n`).join("");
}

/** Minutes that follow each other are one line where as many fire in each. */
function together(bars: readonly Bar[]): Line[] {
  const lines: Line[] = [];
  for (const each of bars) {
    const last = lines.at(-1);
    const follows =
      last?.unit === "minute" && each.unit === "minute" && each.startMs === last.lastMs + minuteMs;
    if (last !== undefined && follows && last.count === each.count) last.lastMs = each.startMs;
    else lines.push({ ...each, lastMs: each.startMs });
  }
  return lines;
}

function inWords(lines: readonly Line[]): string[] {
  return lines.map(({ startMs, lastMs, unit, count, isPeak }) => {
    const start = formatUtc(new Date(startMs));
    if (lastMs === startMs) return `${unit}: ${start}, ${counted(count, "fire")}${isPeak ? ", a peak" : ""}`;
    return `minutes: ${start} to ${clock(lastMs)}, ${counted(count, "fire")} in each${isPeak ? ", peaks" : ""}`;
  });
}

function drawn(bars: readonly Line[], look: HistogramLook): string[] {
  const lines = withGaps(bars, look.window);
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(({ length }) => length));
  const labelWidth = widest(lines.map(labelOf));
  const countWidth = String(most).length;
  const behind = widest(bars.map(wordBehind));
  const width = look.columns - labelWidth - countWidth - 4 - (behind === 0 ? 0 : behind + 1);
  let day = "";
  return lines.flatMap((line) => {
    const today = formatUtc(new Date(line.startMs)).replace(/ \d\d:\d\d UTC$/, "");
    const heading = `${look.style.bold(today)} ${look.style.dim("UTC")}`;
    const above = today === day ? [] : day === "" ? [heading] : ["", heading];
    day = today;
    const label = labelOf(line).padEnd(labelWidth);
    const count = String(line.count).padStart(countWidth);
    const shown = bar(line.count / most, { width, signs: look.signs });
    const word = line.count === 0 ? gapWord(line) : wordBehind(line);
    const rest = `${shown}${shown === "" || word === "" ? "" : " "}${look.style.dim(word)}`;
    const colour = line.isPeak ? look.style.magenta : (text: string) => text;
    return [...above, `${colour(`${label}  ${count}`)}${rest === "" ? "" : `  ${colour(rest)}`}`];
  });
}

/** Hours without fires from the window's beginning to its end: one line for those that follow each other. */
function withGaps(lines: readonly Line[], { sinceMs, untilMs }: Span): Line[] {
  const all: Line[] = [];
  let reachedMs = Math.floor(sinceMs / hourMs) * hourMs;
  const fill = (toMs: number) => {
    if (toMs <= reachedMs) return;
    all.push({ startMs: reachedMs, lastMs: toMs - hourMs, unit: "hour", count: 0, isPeak: false });
  };
  for (const line of lines) {
    if (line.unit === "hour") fill(line.startMs);
    all.push(line);
    reachedMs = Math.max(reachedMs, endOf(line));
  }
  fill(Math.ceil((untilMs - 1) / hourMs) * hourMs);
  return all;
}

function labelOf({ startMs, lastMs, unit }: Line): string {
  if (unit === "hour") return `  ${clock(startMs)}`;
  return `    ${clock(startMs)}${lastMs === startMs ? "" : `–${clock(lastMs)}`}`;
}

function wordBehind({ startMs, lastMs, isPeak }: Line): string {
  const words = [...(lastMs === startMs ? [] : ["each"]), ...(isPeak ? ["peak"] : [])];
  return words.join(" ");
}

function gapWord({ startMs, lastMs }: Line): string {
  return lastMs === startMs ? "" : `for ${(lastMs - startMs) / hourMs + 1} h`;
}

/** `09:05`. */
function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}
