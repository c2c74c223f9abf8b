import type { RunStatus } from "../api/types.js";
import { formatDuration } from "./duration.js";
import { statusMark, words } from "./status.js";

/** A run as one column of a sparkline shows it. */
export interface SparkRun {
  status?: RunStatus | null | undefined;
  /** Undefined where it isn't over, or doesn't say when. */
  tookMs: number | undefined;
}

interface Signs {
  /** By duration, the shortest first. */
  bars: readonly string[];
  /** Nothing but that it completed is known. */
  completed: string;
  other(status: SparkRun["status"]): string;
}

const drawn: Signs = { bars: [..."▁▂▃▄▅▆▇█"], completed: "·", other: statusMark };
const plain: Signs = {
  bars: [..."12345678"],
  completed: "-",
  other: (status) => (status === "error" ? "x" : status === "waiting_on_human" ? "?" : "."),
};

export interface SparkOptions {
  /** The newest of them, at most so many. */
  most: number;
  /** Else digits; see `hasBlocks`. */
  hasBlocks: boolean;
}

/**
 * Runs, the newest last, one column each: a bar as high as its share of the longest one shown; what didn't complete has its
 * status' mark instead. In digits 8 is the longest, and x failed.
 */
export function sparkline(runs: readonly SparkRun[], { most, hasBlocks }: SparkOptions): string {
  const shown = runs.slice(-most);
  const { bars, completed, other } = hasBlocks ? drawn : plain;
  const longestMs = Math.max(0, ...shown.flatMap(barMs));
  return shown
    .map((run) => {
      const [ms] = barMs(run);
      if (ms === undefined) return run.status === "completed" ? completed : other(run.status);
      const step = longestMs === 0 ? 1 : Math.max(1, Math.round((ms / longestMs) * bars.length));
      return bars[step - 1];
    })
    .join("");
}

/** The same for whoever hears it: `newest first: 1 failed, 5 ok, 2 failed; ok in 3 s to 1 min`. */
export function sparkInWords(runs: readonly SparkRun[]): string {
  const spans: { word: string; count: number }[] = [];
  for (const { status } of runs.toReversed()) {
    const word = statusMark(status, words);
    const last = spans.at(-1);
    if (last?.word === word) last.count += 1;
    else spans.push({ word, count: 1 });
  }
  if (spans.length === 0) return "";
  const told = `newest first: ${spans.map(({ word, count }) => `${count} ${word}`).join(", ")}`;
  const took = runs.flatMap(barMs);
  if (took.length === 0) return told;
  const ends = [Math.min(...took), Math.max(...took)].map(formatDuration);
  return `${told}; ok in ${[...new Set(ends)].join(" to ")}`;
}

function barMs({ status, tookMs }: SparkRun): number[] {
  return status === "completed" && tookMs !== undefined ? [tookMs] : [];
}
