import { formatDuration } from "../../../output/duration.js";
import { unknown } from "../../../output/value-text.js";

/** For JSON and pipes: 33.33. */
export function hundredths(number: number): number {
  return Math.round(number * 100) / 100;
}

/** `93%` of 0.935: 100% only where none failed, 0% only where all did. */
export function percentText(share: number | undefined): string {
  if (share === undefined) return unknown;
  return share > 0 && share < 0.01 ? "<1%" : `${Math.floor(share * 100 + 1e-9)}%`;
}

/** `7`, `0.23`, `9.5`, `1204`: as exact as somebody who plans needs it. */
export function amountText(amount: number): string {
  if (amount >= 100 || Number.isInteger(amount)) return String(Math.round(amount));
  return String(amount >= 1 ? Math.round(amount * 10) / 10 : Math.max(0.01, hundredths(amount)));
}

/** `3m5s` for `3 min 5 s`. */
export function tightDuration(ms: number): string {
  return formatDuration(ms).replace(" min", "m").replaceAll(" ", "");
}
