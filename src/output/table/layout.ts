/** The widths of columns, and the wordings that fit into them. */

import { safe } from "../safe.js";
import { dash } from "../value-text.js";
import { displayWidth } from "../width.js";

/**
 * A column's step on a narrow terminal, and its order among all columns. With `cutTo`, the column may be cut to that
 * width; with `isHidden`, it is hidden; with neither, it changes to its next narrower wording.
 */
export interface ColumnPriority {
  order: number;
  cutTo?: number;
  isHidden?: true;
}

export const gap = "  ";

/** The form in which a column is displayed: its wording, with 0 as the widest, and its width. */
interface ColumnState {
  wording: number;
  cutTo: number;
  isHidden: boolean;
  width: number;
}

export interface Layout {
  states: readonly ColumnState[];
  applied: number;
}

interface LayoutOptions {
  /** The width of a column's texts in one of its wordings. Called only for wordings that might be needed. */
  widthOf(column: number, wording: number): number;
  available: number;
  /**
   * The layout of the rows above: hidden columns stay hidden, wordings never get wider, and columns that were cut
   * before they changed their wording are cut to the width above.
   */
  after?: Layout | undefined;
}

/**
 * Fits columns into a terminal's width (src/output/README.md, "Narrow terminals"): applies one step after another, in a
 * fixed order, until all of them fit; the last column to be cut gets the room that is left. A wider terminal thus never
 * shows less. The last column never disappears, and only it may overflow.
 */
export function layOut(columns: readonly (readonly ColumnPriority[])[], options: LayoutOptions): Layout {
  const { widthOf, available, after } = options;
  const steps = stepsOf(columns);
  const states = columns.map((priorities, at) => {
    const above = after?.states[at];
    if (above === undefined) return { ...untouched };
    const [first] = [...priorities].sort(byOrder);
    const cutTo = first?.cutTo === undefined ? above.cutTo : Math.min(above.cutTo, above.width);
    return { ...above, cutTo };
  });
  const measure = () => {
    for (const [column, state] of states.entries()) state.width = leastWidth(state, column, widthOf);
    return totalWidth(states);
  };
  let applied = after?.applied ?? 0;
  let total = measure();
  const widen = (column: number, most: number) => {
    const state = states[column];
    if (state === undefined || state.isHidden || total >= available) return;
    const wanted = Math.min(widthOf(column, state.wording), most);
    state.width += Math.min(Math.max(0, wanted - state.width), available - total);
    total = totalWidth(states);
  };
  for (const [column, { cutTo, width }] of after?.states.entries() ?? [])
    widen(column, cutTo === untouched.cutTo ? cutTo : width);
  for (const step of steps.slice(applied)) {
    if (total <= available) break;
    const before = states[step.column]?.width ?? 0;
    apply(step, states, widthOf);
    total = measure();
    applied += 1;
    if (step.cutTo !== undefined) widen(step.column, before);
  }
  return { states, applied };
}

const untouched: ColumnState = { wording: 0, cutTo: Number.POSITIVE_INFINITY, isHidden: false, width: 0 };

interface Step extends ColumnPriority {
  column: number;
  wording: number;
}

type WidthOf = LayoutOptions["widthOf"];

/** All steps, in order. As a last resort, columns that have no step are dropped, starting from the right. */
function stepsOf(columns: readonly (readonly ColumnPriority[])[]): Step[] {
  const steps = columns.flatMap((priorities, column) => {
    let wording = 0;
    return [...priorities].sort(byOrder).map((priority) => {
      if (priority.isHidden === undefined && priority.cutTo === undefined) wording += 1;
      return { ...priority, column, wording };
    });
  });
  const lasting = columns.flatMap((priorities, column): Step[] =>
    priorities.some(({ isHidden }) => isHidden) ? [] : [{ order: 0, isHidden: true, column, wording: 0 }],
  );
  return [...steps.sort(byOrder), ...lasting.reverse()];
}

function byOrder(one: ColumnPriority, other: ColumnPriority): number {
  return one.order - other.order;
}

function apply({ column, wording, cutTo, isHidden }: Step, states: ColumnState[], widthOf: WidthOf): void {
  const state = states[column];
  if (state === undefined || state.isHidden) return;
  if (isHidden) state.isHidden = states.filter(({ isHidden }) => !isHidden).length > 1;
  else if (cutTo !== undefined) state.cutTo = Math.min(state.cutTo, cutTo);
  else if (widthOf(column, wording) <= widthOf(column, state.wording)) state.wording = wording;
}

function leastWidth({ isHidden, wording, cutTo }: ColumnState, column: number, widthOf: WidthOf): number {
  return isHidden ? 0 : Math.min(widthOf(column, wording), cutTo);
}

function totalWidth(states: readonly ColumnState[]): number {
  const shown = states.filter(({ isHidden }) => !isHidden);
  return shown.reduce((sum, { width }) => sum + width, 0) + gap.length * Math.max(0, shown.length - 1);
}

/** The texts of a column on a terminal, plain, because the table sanitises them. */
export interface Wording<Row> {
  cell(row: Row): string;
  isSign?: true;
}

/** A narrower wording: `in 10 min` for `25 Nov 10:00 UTC · in 10 min`. */
interface NarrowerWording<Row> extends Wording<Row> {
  order: number;
}

export interface WordedColumn<Row> extends Wording<Row> {
  title: string;
  /** Steps on a narrow terminal. Without `cutTo`, a cell is whole or hidden, because half a time is another time. */
  priorities?: readonly (NarrowerWording<Row> | ColumnPriority)[];
}

interface Worded<Row> {
  column: WordedColumn<Row>;
  wording: Wording<Row>;
}

/** The texts of a block; each wording is made and measured only once, when it is needed. */
export class WordedBlock<Row> {
  readonly #worded = new Map<Wording<Row>, { texts: string[]; width: number }>();

  constructor(private readonly rows: readonly Row[]) {}

  get worded(): Iterable<Wording<Row>> {
    return this.#worded.keys();
  }

  textsOf(wording: Wording<Row>): readonly string[] {
    return this.#say(wording).texts;
  }

  widthOf(wording: Wording<Row>): number {
    return this.#say(wording).width;
  }

  says(wording: Wording<Row>): boolean {
    return this.textsOf(wording).some((text) => text !== "" && text !== dash);
  }

  #say(wording: Wording<Row>): { texts: string[]; width: number } {
    let said = this.#worded.get(wording);
    if (said === undefined) {
      const texts = this.rows.map((row) => safe(wording.cell(row), "cell"));
      said = { texts, width: texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0) };
      this.#worded.set(wording, said);
    }
    return said;
  }
}

/** The title, which doesn't depend on the rows; a column of symbols has none. */
export function titleOf<Row>({ column, wording }: Worded<Row>): string {
  return wording.isSign ? "" : column.title;
}

export function wordingsOf<Row>(column: WordedColumn<Row>): Wording<Row>[] {
  const narrower = (column.priorities ?? []).filter((priority) => "cell" in priority);
  return [column, ...narrower.sort((one, other) => one.order - other.order)];
}
