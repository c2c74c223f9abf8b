import { safe } from "../safe.js";
import { dash } from "../value-text.js";
import { displayWidth } from "../width.js";
import type { ColumnPriority } from "./layout.js";

/** What a person reads of a column on a terminal. The texts are plain: the table makes them safe. */
export interface Wording<Row> {
  cell(row: Row): string;
  /** It is a sign alone. */
  isSign?: true;
}

/** A narrower wording: `in 10 min` for `25 Nov 10:00 +00 · in 10 min`. */
export interface NarrowerWording<Row> extends Wording<Row> {
  order: number;
}

export interface WordedColumn<Row> extends Wording<Row> {
  title: string;
  priorities?: readonly (NarrowerWording<Row> | ColumnPriority)[];
}

/** A block's texts, each wording said and measured once, when something asks for it. */
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

/** A column has one title, whatever its rows say; above a sign stands none. */
export function titleOf<Row>({
  column,
  wording,
}: {
  column: WordedColumn<Row>;
  wording: Wording<Row>;
}): string {
  return wording.isSign ? "" : column.title;
}

/** In the order of their turns, the column's own first. */
export function wordingsOf<Row>(column: WordedColumn<Row>): Wording<Row>[] {
  const narrower = (column.priorities ?? []).filter((priority) => "cell" in priority);
  return [column, ...narrower.sort((one, other) => one.order - other.order)];
}
