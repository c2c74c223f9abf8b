/**
 * What a column gives up where a terminal is narrow, when its turn comes among those of all columns: `cutTo`, it may be
 * cut, down to that many columns; `goes`, it isn't shown; neither, it takes its next narrower wording.
 */
export interface Concession {
  turn: number;
  cutTo?: number;
  goes?: true;
}

/** Spaces between two columns. */
export const gap = "  ";

/** How a column is shown: in which of its wordings, 0 the widest, and how wide; 0: it is gone. */
interface Place {
  wording: number;
  cutTo: number;
  isGone: boolean;
  width: number;
}

export interface Layout {
  places: readonly Place[];
  /** How many concessions were made. */
  made: number;
}

export interface LayoutOptions {
  /** How wide a column's texts are in one of its wordings. Asked only of wordings that may be needed. */
  widthOf(column: number, wording: number): number;
  /** Columns of the terminal. */
  available: number;
  /**
   * Rows stand above in this layout: what is gone stays gone, no wording gets wider, and what is cut before it is worded
   * otherwise is cut to its width there.
   */
  after?: Layout | undefined;
}

/**
 * Lays columns out in the width of a terminal (src/output/README.md, "Narrow terminals"): concessions are made one after
 * the other, in one fixed order, until all fits; what was cut last gets the room that is left of its cut. So a wider
 * terminal never shows fewer columns, narrower wordings or less of a text. The last column never goes: it alone may stick out.
 */
export function layOut(columns: readonly (readonly Concession[])[], options: LayoutOptions): Layout {
  const { widthOf, available, after } = options;
  const steps = stepsOf(columns);
  const places = columns.map((concessions, at) => {
    const above = after?.places[at];
    if (above === undefined) return { ...untouched };
    const [first] = [...concessions].sort(byTurn);
    const cutTo = first?.cutTo === undefined ? above.cutTo : Math.min(above.cutTo, above.width);
    return { ...above, cutTo };
  });
  const settle = () => {
    for (const [column, place] of places.entries()) place.width = leastWidth(place, column, widthOf);
    return totalWidth(places);
  };
  let made = after?.made ?? 0;
  let total = settle();
  const widen = (column: number, most: number) => {
    const place = places[column];
    if (place === undefined || place.isGone || total >= available) return;
    const wanted = Math.min(widthOf(column, place.wording), most);
    place.width += Math.min(Math.max(0, wanted - place.width), available - total);
    total = totalWidth(places);
  };
  for (const [column, { cutTo, width }] of after?.places.entries() ?? [])
    widen(column, cutTo === untouched.cutTo ? cutTo : width);
  for (const step of steps.slice(made)) {
    if (total <= available) break;
    const before = places[step.column]?.width ?? 0;
    concede(step, places, widthOf);
    total = settle();
    made += 1;
    if (step.cutTo !== undefined) widen(step.column, before);
  }
  return { places, made };
}

const untouched: Place = { wording: 0, cutTo: Number.POSITIVE_INFINITY, isGone: false, width: 0 };

interface Step extends Concession {
  column: number;
  /** The wording that it takes, where it takes another. */
  wording: number;
}

type WidthOf = LayoutOptions["widthOf"];

/** All that can be conceded, in order. When nothing else helps, what never said that it goes does, the rightmost first. */
function stepsOf(columns: readonly (readonly Concession[])[]): Step[] {
  const steps = columns.flatMap((concessions, column) => {
    let wording = 0;
    return [...concessions].sort(byTurn).map((concession) => {
      if (concession.goes === undefined && concession.cutTo === undefined) wording += 1;
      return { ...concession, column, wording };
    });
  });
  const lasting = columns.flatMap((concessions, column): Step[] =>
    concessions.some(({ goes }) => goes) ? [] : [{ turn: 0, goes: true, column, wording: 0 }],
  );
  return [...steps.sort(byTurn), ...lasting.reverse()];
}

function byTurn(one: Concession, other: Concession): number {
  return one.turn - other.turn;
}

function concede({ column, wording, cutTo, goes }: Step, places: Place[], widthOf: WidthOf): void {
  const place = places[column];
  if (place === undefined || place.isGone) return;
  if (goes) place.isGone = places.filter(({ isGone }) => !isGone).length > 1;
  else if (cutTo !== undefined) place.cutTo = Math.min(place.cutTo, cutTo);
  else if (widthOf(column, wording) <= widthOf(column, place.wording)) place.wording = wording;
}

function leastWidth({ isGone, wording, cutTo }: Place, column: number, widthOf: WidthOf): number {
  return isGone ? 0 : Math.min(widthOf(column, wording), cutTo);
}

function totalWidth(places: readonly Place[]): number {
  const shown = places.filter(({ isGone }) => !isGone);
  return shown.reduce((sum, { width }) => sum + width, 0) + gap.length * Math.max(0, shown.length - 1);
}
