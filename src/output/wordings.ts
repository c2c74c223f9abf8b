import type { Concession } from "./layout.js";
import { safe } from "./safe.js";
import { unknown } from "./value-text.js";
import { displayWidth } from "./width.js";

/** What a person reads of a column on a terminal. The texts are plain: the table makes them safe. */
export interface Wording<Row> {
  cell(row: Row): string;
  /** It is a sign alone. */
  isSign?: true;
}

/** A narrower wording: `in 10 min` for `25 Nov 10:00 +00 · in 10 min`. */
export interface Narrower<Row> extends Wording<Row> {
  turn: number;
}

export interface Worded<Row> extends Wording<Row> {
  title: string;
  concessions?: readonly (Narrower<Row> | Concession)[];
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
    return this.textsOf(wording).some((text) => text !== "" && text !== unknown);
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
export function titleOf<Row>({ column, wording }: { column: Worded<Row>; wording: Wording<Row> }): string {
  return wording.isSign ? "" : column.title;
}

/** In the order of their turns, the column's own first. */
export function wordingsOf<Row>(column: Worded<Row>): Wording<Row>[] {
  const narrower = (column.concessions ?? []).filter((concession) => "cell" in concession);
  return [column, ...narrower.sort((one, other) => one.turn - other.turn)];
}
