import { safe } from "./safe.js";
import type { Colour, Style } from "./style.js";
import { told, unknown } from "./value-text.js";

interface Look {
  mark: string;
  word: string;
  /** In accessible mode, in the place of the mark. */
  said: string;
  colour: Colour;
}

const looks = new Map<string, Look>([
  ["completed", { mark: "✓", word: "completed", said: "ok", colour: "green" }],
  ["error", { mark: "✗", word: "error", said: "failed", colour: "red" }],
  ["running", { mark: "●", word: "running", said: "running", colour: "blue" }],
  ["waiting_on_human", { mark: "?", word: "waiting", said: "waiting", colour: "magenta" }],
  ["enabled", { mark: "◉", word: "enabled", said: "enabled", colour: "green" }],
  ["paused", { mark: "○", word: "paused", said: "paused", colour: "magenta" }],
  ["ready", { mark: "✓", word: "ready", said: "ready", colour: "green" }],
  ["provisioning", { mark: "●", word: "provisioning", said: "provisioning", colour: "blue" }],
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

/** `text` in the status' colour. */
export function colourOfStatus(text: string, status: string | null | undefined, style: Style): string {
  const colour = looks.get(status ?? "")?.colour;
  return colour === undefined ? text : style[colour](text);
}

/** Whether an automation runs by itself, as a status; undefined where the API doesn't say. */
export function enabledStatus({ enabled }: { enabled?: boolean | null }): "enabled" | "paused" | undefined {
  if (enabled === undefined || enabled === null) return undefined;
  return enabled ? "enabled" : "paused";
}
