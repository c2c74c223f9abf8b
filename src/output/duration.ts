export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
const unitsMs: Record<string, number> = {
  ms: 1,
  s: secondMs,
  m: minuteMs,
  min: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
};

/** A length of time in its two largest units: `350 ms`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < secondMs) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(Math.round(ms) / secondMs);
  if (ms < minuteMs) return `${seconds} s`;
  if (ms < hourMs) return joinUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.floor(ms / minuteMs);
  if (ms < dayMs) return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.floor(ms / hourMs);
  return joinUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** Only the largest unit: `42s`, `3m`, `2h`. */
export function formatDurationBriefly(ms: number): string {
  const [amount = "", unit = ""] = formatDuration(ms).split(" ");
  return `${amount}${unit === "min" ? "m" : unit}`;
}

/** Milliseconds in `90s`, `15m`, `24h`, `7d`, `500ms`, `1h30m`, `0`; undefined for other text or above ten years. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|min|s|m|h|d|w))+$/.test(text)) return undefined;
  let totalMs = 0;
  let lastUnitMs = Number.POSITIVE_INFINITY;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)/g)) {
    const unitMs = unitsMs[unit] ?? 0;
    if (unitMs >= lastUnitMs) return undefined;
    lastUnitMs = unitMs;
    totalMs += Number(amount) * unitMs;
  }
  return totalMs <= 3650 * dayMs ? Math.round(totalMs) : undefined;
}

function joinUnits(large: number, largeName: string, small: number, smallName: string): string {
  return small === 0 ? `${large} ${largeName}` : `${large} ${largeName} ${small} ${smallName}`;
}
