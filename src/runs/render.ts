import { safe } from "../output/safe.js";
import type { Style } from "../output/style.js";
import { valueText } from "../output/value-text.js";
import { cut, wrap } from "../output/width.js";
import { entriesSince, type RunEntry, type RunLog, type RunState, type ToolCall } from "./reduce.js";

interface RenderProgress {
  log: RunLog | undefined;
  /** How much of the growing line is printed: `from` characters, then `encoded` of safe()'s output for the rest. */
  line: { from: number; encoded: number };
}

interface Rendering {
  /** Lines that scroll away and are never written again. */
  permanent: string[];
  /** Lines that the next rendering replaces; there are never many. */
  live: string[];
  next: RenderProgress;
}

interface RunRenderOptions {
  columns: number;
  style: Style;
  /** The current time in ms. */
  now: number;
  /** Milliseconds since the last event; undefined if there should be no spinner. */
  waitingSince?: number;
}

export const nothingRendered: RenderProgress = { log: undefined, line: { from: 0, encoded: 0 } };

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;
/** Milliseconds before the spinner appears; without this, it would flicker between two words. */
const waitShownAfterMs = 400;
const mostOpenCalls = 4;
const narrowest = 10;

/** Renders the lines added since the last rendering, each narrower than the terminal. Pure. */
export function render(state: RunState, done: RenderProgress, options: RunRenderOptions): Rendering {
  const width = Math.max(narrowest, options.columns) - 1;
  const permanent: string[] = [];
  let { line } = done;
  for (const entry of entriesSince(state, done.log)) {
    const rows = permanentRows(entry, { width, style: options.style, line });
    permanent.push(...rows);
    if (entry.kind === "text") line = nothingRendered.line;
  }
  const growing = growingRows(state.tail, line, width);
  permanent.push(...growing.permanent);
  const live = [...growing.live, ...waitingRows(state, { ...options, width })];
  return { permanent, live, next: { log: state.log, line: growing.line } };
}

/** Renders a line for each call and its result; calls without a result come last. */
export function callRows(state: RunState, options: Pick<Frame, "width" | "style">): string[] {
  const isCall = ({ kind }: RunEntry) => kind === "result" || kind === "unfinished";
  const over = entriesSince(state, undefined).filter(isCall);
  const open = state.open.map((call): RunEntry => ({ kind: "unfinished", call }));
  return [...over, ...open].flatMap((entry) =>
    permanentRows(entry, { ...options, line: nothingRendered.line }),
  );
}

interface Frame {
  width: number;
  style: Style;
  line: RenderProgress["line"];
}

function permanentRows(entry: RunEntry, { width, style, line }: Frame): string[] {
  switch (entry.kind) {
    case "text":
      return textRows(entry.text, line, width);
    case "call":
      return [];
    case "result":
      return [resultRow(entry, { width, style })];
    case "unfinished":
      return [cut(`– ${callText(entry.call)} (no result)`, width)];
    case "question":
      return ["", ...markedQuestion(entry.summary, style, width), ""];
  }
}

/** Skips text that was already printed for good while the lines were growing. */
function textRows(text: string, line: RenderProgress["line"], width: number): string[] {
  const [first = "", ...rest] = textLines(text.slice(line.from));
  const remaining = expand(first).slice(line.encoded);
  const isContinued = line.from > 0 || line.encoded > 0;
  const rows = isContinued && remaining.trim() === "" ? [] : wrap(remaining, width);
  return [...rows, ...rest.flatMap((each) => wrap(expand(each), width))];
}

function growingRows(
  tail: string,
  line: RenderProgress["line"],
  width: number,
): { permanent: string[]; live: string[]; line: RenderProgress["line"] } {
  if (tail === "") return { permanent: [], live: [], line };
  const raw = tail.slice(line.from);
  const encoded = expand(textLines(raw)[0] ?? "");
  const text = encoded.slice(line.encoded);
  const rows = wrap(text, width);
  const last = rows.at(-1) ?? "";
  if (rows.length < 2) return { permanent: [], live: text === "" ? [] : [last], line };
  const done = line.encoded + text.trimEnd().length - last.trimEnd().length;
  const next = encoded === raw ? { from: line.from + done, encoded: 0 } : { from: line.from, encoded: done };
  return { permanent: rows.slice(0, -1), live: [last], line: next };
}

/** Expands tabs to a fixed width, so that cutting a line can't shift them. */
function expand(line: string): string {
  return line.replaceAll("\t", "    ");
}

function resultRow(
  { tool, result, call }: RunEntry & { kind: "result" },
  { width, style }: Omit<Frame, "line">,
): string {
  const called = call === undefined ? safe(tool, "cell") : callText(call);
  const given = resultText(result);
  const room = width - 2;
  if (given === "") return `${style.ok} ${cut(called, room)}`;
  const calledRoom = Math.max(Math.floor(room / 2), room - given.length - 3);
  const becomes = style.isInWords ? ", result:" : " →";
  return `${style.ok} ${cut(`${cut(called, calledRoom)}${becomes} ${given}`, room)}`;
}

function waitingRows(
  state: RunState,
  { now, waitingSince, width }: RunRenderOptions & { width: number },
): string[] {
  if (state.status !== "running") return [];
  const spinner = frames[Math.floor(now / frameMs) % frames.length] ?? "";
  const shown = state.open.slice(-mostOpenCalls);
  const hidden = state.open.length - shown.length;
  const rows = shown.map((call) => `${spinner} ${cut(callText(call), width - 2)}`);
  if (hidden > 0) rows.unshift(cut(`  ${hidden} more calls running`, width));
  if (rows.length > 0 || waitingSince === undefined || now - waitingSince < waitShownAfterMs) return rows;
  return [`${spinner} working`];
}

/** The lines since `printed`, whole and uncut; the line that the agent is still writing follows when it ends. */
export function plainLines(
  state: RunState,
  printed: RunLog | undefined,
  { isInWords }: Pick<Style, "isInWords"> = { isInWords: false },
): string[] {
  const signs = isInWords ? words : drawn;
  return entriesSince(state, printed).flatMap((entry) => linesOf(entry, signs));
}

const drawn = { call: "→", result: "←", of: "", question: "?" };
const words = { call: "calls", result: "result of", of: ":", question: "asks:" };

function linesOf(entry: RunEntry, signs: typeof drawn): string[] {
  switch (entry.kind) {
    case "text":
      return textLines(entry.text);
    case "call":
      return [`${signs.call} ${callText(entry.call)}`];
    case "result":
      return [`${signs.result} ${safe(entry.tool, "cell")}${signs.of} ${resultText(entry.result)}`.trimEnd()];
    case "unfinished":
      return [`${signs.result} ${safe(entry.call.tool, "cell")}${signs.of} (no result)`];
    case "question":
      return questionLines(entry.summary).map((line, at) =>
        at === 0 ? `${signs.question} ${line}` : `  ${line}`,
      );
  }
}

export function markedQuestion(summary: string, style: Style, width?: number): string[] {
  return questionLines(summary)
    .flatMap((line) => (width === undefined ? [line] : wrap(line, width - 2)))
    .map((row, at) =>
      at > 0 ? `  ${style.bold(row)}` : style.isInWords ? `asks: ${row}` : style.waiting(`? ${row}`),
    );
}

/** If the question has no words, says so. */
export function questionLines(summary: string): string[] {
  return summary.trim() === "" ? ["the agent's question can't be read"] : textLines(summary);
}

function callText(call: ToolCall): string {
  const given = valueText(call.data.arguments);
  return safe(given === "" ? call.tool : `${call.tool} ${given}`, "cell");
}

function resultText(result: unknown): string {
  return safe(valueText(result), "cell");
}

export function textLines(text: string): string[] {
  const lines = text.endsWith("\n") ? text.slice(0, -1) : text;
  return safe(lines.replaceAll("\r\n", "\n").replace(/\r$/, ""), "block").split("\n");
}
