import { safe } from "../safe.js";
import { dash } from "../value-text.js";
import { displayWidth } from "../width.js";
import type { ColumnPriority } from "./layout.js";

/** Texts of a column on a terminal, plain: the table makes them safe. */
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
  /** Steps that it takes where the terminal is narrow; without `cutTo` a cell is whole or not there: half a time says another time. */
  priorities?: readonly (NarrowerWording<Row> | ColumnPriority)[];
}

interface Worded<Row> {
  column: WordedColumn<Row>;
  wording: Wording<Row>;
}

/** Texts of a block, each wording made and measured once, when something asks for it. */
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

/** The title, whatever the rows say; above a sign stands none. */
export function titleOf<Row>({ column, wording }: Worded<Row>): string {
  return wording.isSign ? "" : column.title;
}

export function wordingsOf<Row>(column: WordedColumn<Row>): Wording<Row>[] {
  const narrower = (column.priorities ?? []).filter((priority) => "cell" in priority);
  return [column, ...narrower.sort((one, other) => one.order - other.order)];
}
