import { safe } from "./safe.js";
import type { Style, Tone } from "./style.js";
import { dash, textOrDash } from "./value-text.js";

interface StatusStyle {
  mark: string;
  word: string;
  /** The word that replaces the mark in accessible mode. */
  said: string;
  tone: Tone;
}

const statusStyles = new Map<string, StatusStyle>([
  ["completed", { mark: "✓", word: "completed", said: "ok", tone: "fine" }],
  ["error", { mark: "✗", word: "error", said: "failed", tone: "failing" }],
  ["running", { mark: "●", word: "running", said: "running", tone: "running" }],
  ["waiting_on_human", { mark: "?", word: "waiting", said: "waiting", tone: "waiting" }],
  ["enabled", { mark: "◉", word: "enabled", said: "enabled", tone: "fine" }],
  ["paused", { mark: "○", word: "paused", said: "paused", tone: "plain" }],
  ["ready", { mark: "✓", word: "ready", said: "ready", tone: "fine" }],
  ["provisioning", { mark: "●", word: "provisioning", said: "provisioning", tone: "running" }],
]);

type StatusForm = Pick<Style, "isInWords">;
const asSigns: StatusForm = { isInWords: false };
export const inWords: StatusForm = { isInWords: true };

/**
 * A mark and a word, so that meaning never depends on colour alone: `✓ completed`, `○ paused`; in words, only the word.
 * An unknown status is returned unchanged.
 */
export function statusText(status: string | null | undefined, { isInWords }: StatusForm = asSigns): string {
  if (status === undefined || status === null) return dash;
  const entry = statusStyles.get(status);
  const word = entry?.word ?? safe(status, "cell");
  return isInWords ? word : `${entry?.mark ?? "·"} ${word}`;
}

/** Only the mark, where that has to be enough: `✓ 3 min ago`, in words `ok 3 min ago`. */
export function statusMark(status: string | null | undefined, { isInWords }: StatusForm = asSigns): string {
  const entry = statusStyles.get(status ?? "");
  return isInWords ? (entry?.said ?? safe(textOrDash(status), "cell")) : (entry?.mark ?? "·");
}

/** The mark and a space, for use before words with the same meaning; empty in words. */
export function statusPrefix(status: string | null | undefined, { isInWords }: StatusForm): string {
  return isInWords ? "" : `${statusMark(status)} `;
}

/** Paints a text that starts with the mark for the status; if the word for it doesn't follow, paints only the mark. */
export function paintStatus(text: string, status: string | null | undefined, style: Style): string {
  const entry = statusStyles.get(status ?? "");
  if (entry === undefined) return text;
  const { tone, mark, word } = entry;
  if (text.includes(word) || !text.startsWith(mark)) return style[tone](text);
  return style[tone](mark) + text.slice(mark.length);
}

export function enabledStatus({ enabled }: { enabled?: boolean | null }): "enabled" | "paused" | undefined {
  if (enabled === undefined || enabled === null) return undefined;
  return enabled ? "enabled" : "paused";
}
