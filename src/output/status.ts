import { safe } from "./safe.js";
import type { Style, Tone } from "./style.js";
import { told, unknown } from "./value-text.js";

interface Look {
  mark: string;
  word: string;
  /** In accessible mode, in the place of the mark. */
  said: string;
  tone: Tone;
}

const looks = new Map<string, Look>([
  ["completed", { mark: "✓", word: "completed", said: "ok", tone: "fine" }],
  ["error", { mark: "✗", word: "error", said: "failed", tone: "failing" }],
  ["running", { mark: "●", word: "running", said: "running", tone: "running" }],
  ["waiting_on_human", { mark: "?", word: "waiting", said: "waiting", tone: "waiting" }],
  ["enabled", { mark: "◉", word: "enabled", said: "enabled", tone: "fine" }],
  ["paused", { mark: "○", word: "paused", said: "paused", tone: "plain" }],
  ["ready", { mark: "✓", word: "ready", said: "ready", tone: "fine" }],
  ["provisioning", { mark: "●", word: "provisioning", said: "provisioning", tone: "running" }],
]);

/** How a status is told: its signs drawn, or all in words. */
type Telling = Pick<Style, "isInWords">;
const drawn: Telling = { isInWords: false };
/** For a column's `inWords`. */
export const words: Telling = { isInWords: true };

/**
 * A mark and a word, so that colour never says anything alone: `✓ completed`, `○ paused`; in words the word alone. A
 * status that isn't known is shown as it came, one that isn't told as a dash.
 */
export function statusText(status: string | null | undefined, { isInWords }: Telling = drawn): string {
  if (status === undefined || status === null) return unknown;
  const look = looks.get(status);
  const word = look?.word ?? safe(status, "cell");
  return isInWords ? word : `${look?.mark ?? "·"} ${word}`;
}

/** The mark alone, for where it has to say all: `✓ 3 min ago`, in words `ok 3 min ago`. */
export function statusMark(status: string | null | undefined, { isInWords }: Telling = drawn): string {
  const look = looks.get(status ?? "");
  return isInWords ? (look?.said ?? safe(told(status), "cell")) : (look?.mark ?? "·");
}

/** The mark and a space before words that say it too; in words nothing. */
export function statusPrefix(status: string | null | undefined, { isInWords }: Telling): string {
  return isInWords ? "" : `${statusMark(status)} `;
}

/** `text`, which begins with the status' mark, as it stands out; without its word behind it the mark alone, uncoloured. */
export function paintStatus(text: string, status: string | null | undefined, style: Style): string {
  const look = looks.get(status ?? "");
  if (look === undefined) return text;
  const { tone, mark, word } = look;
  if (text.includes(word) || !text.startsWith(mark)) return style[tone](text);
  return style[tone](mark) + text.slice(mark.length);
}

/** Whether an automation runs by itself, as a status; undefined where the API doesn't say. */
export function enabledStatus({ enabled }: { enabled?: boolean | null }): "enabled" | "paused" | undefined {
  if (enabled === undefined || enabled === null) return undefined;
  return enabled ? "enabled" : "paused";
}
