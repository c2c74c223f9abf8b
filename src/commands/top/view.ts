import { counted } from "../../output/count.js";
import { safe } from "../../output/safe.js";
import type { Style } from "../../output/style.js";
import { relative } from "../../output/time.js";
import type { Heard } from "./feed.js";
import type { ListLines } from "./list-lines.js";
import { type Detail, paneHeight, paneLines } from "./pane.js";
import { lineEnds, lineOf, type Part } from "./parts.js";
import { countStates, type TopRow } from "./row.js";
import { sortWords } from "./sort.js";
import { selectedRow, type TopState } from "./state.js";

export interface Size {
  columns: number;
  rows: number;
}

export interface View {
  state: TopState;
  heard: Heard;
  detail: Detail | undefined;
  /** What is looked at: `12 deployments`, or the one's name. */
  place: string;
  /** The server's time, from which times are told, and this machine's, by which it was heard. */
  now: { served: Date; here: Date };
  style: Style;
  size: Size;
  list: ListLines;
}

const least: Size = { columns: 40, rows: 12 };
/** Below it the first line goes without the command's name. */
const narrow = 60;
/** Above the list: where, how many, the columns' titles; below: what to press. */
const aboveList = 3;
const belowList = 1;
/** So many rows the list keeps before the pane gets any. */
const fewestRows = 3;

/** How many rows of the list are in sight. */
export function listHeight({ hasDetail }: Pick<TopState, "hasDetail">, { rows }: Size): number {
  const room = rows - aboveList - belowList;
  return hasDetail ? Math.max(fewestRows, room - paneHeight) : room;
}

/** The whole screen: `size.rows` lines at most, none wider than `size.columns`. */
export function screenLines(view: View): string[] {
  const { size, state, style } = view;
  const width = size.columns;
  if (width < least.columns || size.rows < least.rows) {
    const text = `herm top needs ${least.columns}×${least.rows}; q leaves`;
    return [lineOf([[text]], width)].slice(0, size.rows);
  }
  if (state.mode === "keys") return keysPage(view);
  const height = listHeight(state, size);
  const paneRoom = size.rows - aboveList - belowList - height;
  const inSight = state.shown.slice(state.top, state.top + height);
  const { head, lines } = view.list.draw(
    { all: state.rows, inSight, selected: state.selected },
    { width, now: view.now.served, style },
  );
  const body = inSight.length === 0 ? [lineOf([["  "], [emptyText(view)]], width)] : lines;
  const blank = Array<string>(Math.max(0, height - body.length)).fill("");
  const paneOptions = { detail: view.detail, now: view.now.served, style, width };
  return [
    placeLine(view, height),
    countsLine(view),
    inSight.length === 0 ? "" : head,
    ...body,
    ...blank,
    ...paneLines(selectedRow(state), paneOptions).slice(0, paneRoom),
    bottomLine(view),
  ];
}

/** Where, which rows of how many in which order, and when it was last heard of. */
function placeLine({ place, heard, now, style, state, size }: View, height: number): string {
  const { shown, top, sort } = state;
  const last = Math.min(shown.length, top + height);
  const inSight = shown.length > height ? [`${top + 1}–${last} of ${shown.length}`] : [];
  const rest = [safe(place, "cell"), ...inSight, sortWords[sort]];
  const name: Part[] = size.columns < narrow ? [] : [["herm top", style.bold], [" · "]];
  const left: Part[] = [...name, [rest.join(" · ")]];
  return lineEnds(left, heardParts(heard, { now, style }), size.columns);
}

function heardParts({ at, silent }: Heard, { now, style }: Pick<View, "now" | "style">): Part[] {
  const clock = at.toTimeString().slice(0, 8);
  if (silent === undefined) return [[`heard ${clock}`, style.dim]];
  return [[`last heard ${clock} · ${relative(at, now.here)}`, style.red]];
}

/** How many there are of each kind, worst first, and how many of them the filter lets through. */
function countsLine({ state, heard, style, size }: View): string {
  const { shown, rows, filter } = state;
  const counts: Part[] = [[countsText(rows, heard)]];
  if (filter === "") return lineOf(counts, size.columns);
  const filtered = `${shown.length} match ${JSON.stringify(safe(filter, "cell"))}`;
  return lineOf([[filtered, style.bold], [" · "], ...counts], size.columns);
}

/** `2 waiting · 5 failing · 3 late (estimate) · 270 enabled · 30 paused`. */
export function countsText(rows: readonly TopRow[], { isLateWhole }: Pick<Heard, "isLateWhole">): string {
  const texts = countStates(rows).map(({ state, count }) => {
    if (state !== "late") return `${count} ${state}`;
    return `${isLateWhole ? "" : "at least "}${count} late (estimate)`;
  });
  return texts.length === 0 ? counted(rows.length, "automation") : texts.join(" · ");
}

function emptyText({ state }: View): string {
  if (state.filter !== "")
    return `nothing matches ${JSON.stringify(safe(state.filter, "cell"))}; Esc shows all`;
  return "no automations here";
}

/** The filter while it is typed; why nothing is heard; else the keys. */
function bottomLine({ state, heard, style, size }: View): string {
  if (state.mode === "filter")
    return lineOf(
      [
        ["filter: ", style.bold],
        [`${safe(state.filter, "cell")}_`],
        ["  ⏎ keeps it, Esc shows all", style.dim],
      ],
      size.columns,
    );
  if (heard.silent !== undefined) {
    const { count, why } = heard.silent;
    return lineOf(
      [
        [
          `${counted(count, "deployment")} ${count === 1 ? "doesn't" : "don't"} answer: ${safe(why, "cell")}`,
          style.red,
        ],
      ],
      size.columns,
    );
  }
  const keys = ["↑↓ move", "/ filter", "s sort", "d details", "? keys", "q leave"];
  return lineOf([[keys.join("  "), style.dim]], size.columns);
}

const keysText: readonly (readonly [keys: string, what: string])[] = [
  ["↑ ↓, k j", "the row before, the next"],
  ["PgUp PgDn, Space", "a page"],
  ["Home End, g G", "the first, the last"],
  ["/", "filter: names, ids, deployments, states"],
  ["Esc", "show all again"],
  ["s", "sort otherwise"],
  ["d", "details on and off"],
  ["Ctrl-L", "draw the screen anew"],
  ["q, Ctrl-C", "leave"],
];

function keysPage({ style, size }: View): string[] {
  const width = Math.max(...keysText.map(([keys]) => keys.length)) + 2;
  const lines = keysText.map(([keys, what]) =>
    lineOf([[keys.padEnd(width), style.bold], [what]], size.columns),
  );
  const all = [
    lineOf([["herm top", style.bold], [" · keys; any key goes back"]], size.columns),
    "",
    ...lines,
  ];
  return all.slice(0, size.rows);
}
