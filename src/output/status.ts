import { safe } from "./safe.js";
import type { Style } from "./style.js";
import { unknown } from "./value-text.js";

interface Look {
  mark: string;
  word: string;
  colour?: "green" | "red" | "yellow" | "cyan";
}

const looks = new Map<string, Look>([
  ["completed", { mark: "✓", word: "completed", colour: "green" }],
  ["error", { mark: "✗", word: "error", colour: "red" }],
  ["running", { mark: "●", word: "running", colour: "cyan" }],
  ["waiting_on_human", { mark: "?", word: "waiting", colour: "yellow" }],
  ["enabled", { mark: "◉", word: "enabled", colour: "green" }],
  ["paused", { mark: "○", word: "paused", colour: "yellow" }],
  ["ready", { mark: "✓", word: "ready", colour: "green" }],
  ["provisioning", { mark: "●", word: "provisioning", colour: "cyan" }],
]);

/**
 * A mark and a word, so that colour never says anything alone: `✓ completed`, `○ paused`. A status that isn't known is
 * shown as it came, one that isn't told as a dash.
 */
export function statusText(status: string | null | undefined): string {
  if (status === undefined || status === null) return unknown;
  const look = looks.get(status);
  return look === undefined ? `· ${safe(status, "cell")}` : `${look.mark} ${look.word}`;
}

/** The mark alone, where the word stands beside it already. */
export function statusMark(status: string | null | undefined): string {
  return looks.get(status ?? "")?.mark ?? "·";
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
