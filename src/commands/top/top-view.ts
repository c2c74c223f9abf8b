/** The screen of `top`, line by line, including its list. */

import { reachLine } from "../../operations/rows/reach.js";
import { skipHint } from "../../operations/selection/selection-flags.js";
import { counted } from "../../output/count.js";
import { type Column, drawRows } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { plainStyle, type Style } from "../../output/style.js";
import { layOut, titleOf, type Wording, wordingsOf } from "../../output/table/layout.js";
import { formatLocalClock, relative } from "../../output/time.js";
import { cut, cutStyled, displayWidth, styledWidth } from "../../output/width.js";
import { automationColumns, automationKeys } from "../automations/shared/automation-columns.js";
import type { FleetSnapshot } from "./fleet-reader.js";
import { type PaneDetail, paneHeight, paneLines } from "./pane.js";
import type { RowAction } from "./row-action.js";
import { selectedRow, type TopState } from "./state.js";
import { countStates, sortWords, type TopRow } from "./top-row.js";

interface Size {
  columns: number;
  rows: number;
}

export interface TopView {
  state: TopState;
  snapshot: FleetSnapshot;
  liveness: string | undefined;
  detail: PaneDetail | undefined;
  /** The server's time, for the times that are shown, and this machine's, for how long ago rows were read. */
  now: { served: Date; here: Date };
  style: Style;
  size: Size;
  list: ListLines;
}

const least: Size = { columns: 40, rows: 12 };
/** Milliseconds after which the snapshot's age is shown, because the time alone doesn't show that it is stuck. */
const longAgoMs = 10_000;
const narrow = 60;
/** Like `narrow`, for a title that mentions a partial reach. */
const narrowReach = 100;
/** Lines above the list (deployment, counts, column titles) and below it (the keys). */
const aboveList = 3;
const belowList = 1;
/** The minimum number of rows that the list has beside the pane. */
const fewestRows = 3;

const detailFromRows = 20;

export function hasRoomForDetail({ rows }: Size): boolean {
  return rows >= detailFromRows;
}

function isTooSmall({ columns, rows }: Size): boolean {
  return columns < least.columns || rows < least.rows;
}

/** `stops` is the number of lines above the others. */
export function listHeight(
  { hasDetail }: Pick<TopState, "hasDetail">,
  { size, stops }: { size: Size; stops: number },
): number {
  if (isTooSmall(size)) return 0;
  const { rows } = size;
  const room = rows - aboveList - belowList - stops;
  return hasDetail ? Math.max(fewestRows, room - paneHeight(rows)) : room;
}

export async function screenLines(view: TopView): Promise<string[]> {
  const { size, state, style, detail } = view;
  const { isFleet, mode } = state;
  const width = size.columns;
  if (isTooSmall(size))
    return [`herm top needs ${least.columns}×${least.rows}; q quits`]
      .map((text) => cutStyled(text, width))
      .slice(0, size.rows);
  if (mode === "keys") return keysPage(view);
  const stops = view.snapshot.stops.map((text) => style.failing(safe(text, "cell")));
  const height = listHeight(state, { size, stops: stops.length });
  const inSight = state.shown.slice(state.top, state.top + height);
  const now = view.now.served;
  const { head, lines } = await view.list.draw(
    { all: state.rows, inSight, selected: selectedRow(state)?.key, isFleet, pending: state.pending },
    { width, now, style },
  );
  const body = inSight.length === 0 ? [`  ${emptyText(view)}`] : lines;
  const paneRoom = size.rows - aboveList - belowList - stops.length - height;
  return [
    ...stops,
    titleLine(view, height),
    countsLine(view),
    inSight.length === 0 ? "" : head,
    ...body,
    ...Array<string>(Math.max(0, height - body.length)).fill(""),
    ...paneLines(selectedRow(state), { detail, now, style, width, height: paneRoom, isFleet }),
    bottomLine(view),
  ].map((line) => cutStyled(line, width));
}

function titleLine(view: TopView, height: number): string {
  const { snapshot, style, state, size } = view;
  const { shown, top, sort } = state;
  const last = Math.min(shown.length, top + height);
  const inSight = shown.length > height ? [`${top + 1}–${last} of ${shown.length}`] : [];
  const where = snapshot.reach === undefined ? snapshot.label : reachLine(snapshot.reach, "not shown");
  const rest = [safe(where, "cell"), ...inSight, sortWords[sort]].join(" · ");
  const whole = `${style.bold("herm top")} · ${rest}`;
  const right = updatedText(view);
  const isWhole = styledWidth(whole) + gap + styledWidth(right) <= size.columns;
  return joinEnds(isWhole ? whole : rest, right, size.columns);
}

const gap = 2;

/** Puts two texts at the two ends of a line; cuts the left one if there isn't room for both. */
function joinEnds(left: string, right: string, width: number): string {
  const begin = cutStyled(left, width - styledWidth(right) - gap);
  return begin + " ".repeat(Math.max(0, width - styledWidth(begin) - styledWidth(right))) + right;
}

/** `updated 09:41:07, 8 live, 23 slower`, or just the time if space is short. */
function updatedText({ snapshot: { at, unanswered, reach }, liveness, now, style, size }: TopView): string {
  if (at === undefined) return "reading …";
  const isLongAgo = unanswered !== undefined || now.here.getTime() - at.getTime() >= longAgoMs;
  const isShort = size.columns < (reach === undefined ? narrow : narrowReach);
  const how = isShort || liveness === undefined ? "" : `, ${liveness}`;
  const updated = isShort ? "" : "updated ";
  const text = `${updated}${formatLocalClock(at)}${isLongAgo ? ` · ${relative(at, now.here)}` : how}`;
  return unanswered === undefined ? text : style.failing(text);
}

function countsLine({ state: { shown, rows, filter }, snapshot, style }: TopView): string {
  if (snapshot.at === undefined) return "";
  const counts = stateCounts(rows, snapshot);
  if (filter === "") return counts;
  return `${style.bold(`${shown.length} match ${JSON.stringify(safe(filter, "cell"))}`)} · ${counts}`;
}

/** `2 waiting · 1 unexpected · 5 failing · 3 overdue (estimate) · 270 enabled · 30 paused`. */
export function stateCounts(
  rows: readonly TopRow[],
  {
    isOverdueComplete,
    isUnexpectedComplete,
  }: Pick<FleetSnapshot, "isOverdueComplete" | "isUnexpectedComplete">,
): string {
  const texts = countStates(rows).map(({ state, count }) => {
    const isOverdue = state === "overdue";
    const isWhole = isOverdue ? isOverdueComplete : state !== "unexpected" || isUnexpectedComplete;
    return `${isWhole ? "" : "at least "}${count} ${state}${isOverdue ? " (estimate)" : ""}`;
  });
  return texts.length === 0 ? counted(rows.length, "automation") : texts.join(" · ");
}

function emptyText({ state, snapshot }: TopView): string {
  if (snapshot.at === undefined) return `reading ${safe(snapshot.label, "cell")} …`;
  if (state.filter !== "")
    return `nothing matches ${JSON.stringify(safe(state.filter, "cell"))}; Esc shows all`;
  return "no automations here";
}

function bottomLine({ state, snapshot, style, size }: TopView): string {
  const { pendingAction, message, filter } = state;
  if (state.mode === "asks" && pendingAction !== undefined)
    return joinEnds(style.bold(questionText(pendingAction)), style.bold("y/N"), size.columns);
  if (state.mode === "filter")
    return `${style.bold("filter: ")}${safe(filter, "cell")}_  ⏎ keeps it, Esc shows all`;
  if (message !== undefined) return (message.isBad ? style.failing : style.bold)(safe(message.text, "cell"));
  if (snapshot.unanswered !== undefined) {
    const { names, why } = snapshot.unanswered;
    const [only = ""] = names;
    const isOne = names.length === 1;
    const called = isOne ? safe(only, "cell") : counted(names.length, "deployment");
    const who = `${called} (${marker.stale}) ${isOne ? "doesn't" : "don't"} respond: ${safe(why, "cell")}`;
    return style.failing(`${who}${state.isFleet ? `; ${safe(skipHint(names), "cell")}` : ""}`);
  }
  return snapshot.at === undefined ? "q quit" : keysLine;
}

const keysLine = "? keys  q quit  / filter  ⏎ follow  p pause  r resume  t trigger  a answer";

/** `Resume Acme/Weekly report, held by INC-42?` */
function questionText({ verb, name, remark }: RowAction): string {
  const what = `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${safe(name, "cell")}`;
  return `${what}${remark === undefined ? "" : `, ${safe(remark, "cell")}`}?`;
}

/** The help on keys; it has no more lines than the lowest supported terminal has rows. */
const keysText: readonly (readonly [keys: string, what: string])[] = [
  ["↑ ↓ k j", "move; PgUp, PgDn, Space: by a page"],
  ["Home End", "go to the first or last (also g, G)"],
  ["/ Esc", "filter; clear the filter"],
  ["s d", "change the order; show or hide details"],
  ["⏎", "follow the newest run"],
  ["p r", "pause or resume (asks first)"],
  ["t", "run now (asks first)"],
  ["a", "answer a waiting run"],
  ["Ctrl-L", "redraw the screen"],
  ["q Ctrl-C", "quit; Ctrl-Z suspends"],
];

function keysPage({ style, size }: TopView): string[] {
  const width = Math.max(...keysText.map(([keys]) => keys.length)) + 2;
  const lines = keysText.map(([keys, what]) => style.bold(keys.padEnd(width)) + what);
  return [`${style.bold("herm top")} · keys (press any key to go back)`, "", ...lines]
    .map((line) => cutStyled(line, size.columns))
    .slice(0, size.rows);
}

const [nameKey] = automationKeys;
/** Marks the selected row, and rows that show only a deployment's last known state; readable without colour. */
const marker = { selected: "›", stale: "~", none: " " };
const markerWidth = 2;

/** Each changing time at its widest, so that columns don't shift. */
const widestTimes: Readonly<Record<string, readonly number[]>> = {
  last: ["✓ 59 min ago", "✓ 59m", "✓"].map((text) => text.length),
  next: ["30 Nov 2026 09:00 +01 · in 59 min", "in 59 min"].map((text) => text.length),
};
const overIsWider = 1;

interface Place {
  at: number;
  wording: number;
  width: number;
}

/** Draws the list. The columns depend on all rows and the terminal's width, so that scrolling doesn't move them. */
export class ListLines {
  /** The widths of a row's texts, by column and wording; a row that doesn't change is measured once. */
  readonly #widths = new WeakMap<TopRow, Record<string, number>>();
  #measured: { rows: readonly TopRow[]; width: number; places: readonly Place[] } | undefined;

  async draw(
    rows: {
      all: readonly TopRow[];
      inSight: readonly TopRow[];
      selected: string | undefined;
      isFleet: boolean;
      pending: ReadonlyMap<string, string>;
    },
    { width, now, style }: { width: number; now: Date; style: Style },
  ): Promise<{ head: string; lines: string[] }> {
    const columns = columnsOf(now, rows.isFleet);
    const places = this.#places(rows.all, columns, { width, now });
    const shown = places.flatMap(({ at, wording: index, width }) => {
      const column = columns[at];
      const wording = column && wordingsOf(column)[index];
      if (column === undefined || wording === undefined) return [];
      const texts = rows.inSight.map((row) => safe(wording.cell(row), "cell"));
      return [{ column, wording, width, texts }];
    });
    const paint = (text: string, row: TopRow, column: Column<TopRow>) => {
      const own = row.isStale ? plainStyle : style;
      const styled = column.style?.(text, row, own) ?? text;
      return row.key === rows.selected && column.key === nameKey ? own.bold(styled) : styled;
    };
    const { head, lines } = await drawRows(rows.inSight, shown, { style, paint });
    const marked = rows.inSight.map((row, at) => {
      const pending = rows.pending.get(row.key);
      const text =
        pending === undefined ? lines[at] : cut(safe(`${row.name}  ${pending}`, "cell"), width - markerWidth);
      const first = row.key === rows.selected ? marker.selected : marker.none;
      return `${first}${row.isStale ? marker.stale : marker.none}${text}`.trimEnd();
    });
    return { head: " ".repeat(markerWidth) + head, lines: marked };
  }

  #places(
    rows: readonly TopRow[],
    columns: readonly Column<TopRow>[],
    { width, now }: { width: number; now: Date },
  ): readonly Place[] {
    const known = this.#measured;
    if (known?.rows === rows && known.width === width) return known.places;
    const wordings = columns.map(wordingsOf);
    const extra = rows.some(({ nextMs }) => nextMs !== undefined && nextMs < now.getTime());
    const { states } = layOut(
      columns.map(({ priorities = [] }) => priorities),
      {
        widthOf: (at, index) => {
          const [column, wording] = [columns[at], wordings[at]?.[index]];
          if (column === undefined || wording === undefined) return 0;
          const { key } = column;
          const time = widestTimes[key]?.[index];
          const cells =
            time === undefined
              ? this.#widest(rows, { key: `${key}/${index}`, wording })
              : time + (extra && key === "next" ? overIsWider : 0);
          return Math.max(cells, displayWidth(titleOf({ column, wording })));
        },
        available: width - markerWidth,
      },
    );
    const shown = states.flatMap(({ isHidden, wording, width }, at) =>
      isHidden ? [] : [{ at, wording, width }],
    );
    this.#measured = { rows, width, places: shown };
    return shown;
  }

  #widest(rows: readonly TopRow[], { key, wording }: { key: string; wording: Wording<TopRow> }): number {
    let widest = 0;
    for (const row of rows) {
      const widths = this.#widths.get(row) ?? {};
      this.#widths.set(row, widths);
      widths[key] ??= displayWidth(safe(wording.cell(row), "cell"));
      widest = Math.max(widest, widths[key]);
    }
    return widest;
  }
}

function columnsOf(now: Date, isFleet: boolean): Column<TopRow>[] {
  const all = automationColumns(now, { withDeployment: isFleet });
  return all.filter(({ key }) => key !== "id");
}
