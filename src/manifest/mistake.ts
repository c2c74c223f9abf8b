import { type ErrorDetails, NotPossibleError, UsageError } from "../errors/cli-errors.js";

/** A position in a manifest; line and column count from 1. */
export interface FilePosition {
  file: string;
  line: number;
  column: number;
}

/** A position, or another source of a value: `--var hour`, `default`. */
export type Place = FilePosition | string;

/** A mistake in a manifest, and its correction. */
export interface Mistake {
  position: Place;
  message: string;
  suggestion?: string;
  /** True for an unknown key: the JSON Schema lists all keys. */
  isOfKey?: true;
  /** True for a mistake about a folder, record or file rather than a manifest's text. */
  isOutside?: boolean;
}

const mostShown = 50;

export class Mistakes {
  readonly #found: Mistake[] = [];
  readonly #texts = new Set<string>();

  /** Adds a mistake once, because a default is read for each automation. */
  add(mistake: Mistake): void {
    const text = mistakeText(mistake);
    if (!this.#texts.has(text)) this.#found.push(mistake);
    this.#texts.add(text);
  }

  addAll(others: Mistakes): void {
    for (const mistake of others.#found) this.add(mistake);
  }

  get all(): readonly Mistake[] {
    return this.#found;
  }

  addToFolder(folder: string, message: string): void {
    this.add({ position: { file: folder, line: 1, column: 1 }, message, isOutside: true });
  }

  /**
   * Throws ManifestError if there are mistakes, file by file, those in `order` first, each from the top. `details`: the
   * hint, by default the JSON Schema.
   */
  throwIfAny(order: readonly string[] = [], details?: ErrorDetails): void {
    if (this.#found.length === 0) return;
    throw new ManifestError(inFileOrder(this.#found, order), details);
  }
}

/** Sorts mistakes by file, those in `order` first, the others as they first appear, each from the top. */
export function inFileOrder<Item extends { position: Place }>(
  items: readonly Item[],
  order: readonly string[] = [],
): Item[] {
  const ends = items.map(({ position }) => (typeof position === "string" ? position : position.file));
  const files = [...new Set([...order, ...ends])];
  const keysOf = ({ position }: Item): readonly [number, number, number] =>
    typeof position === "string"
      ? [files.indexOf(position), 0, 0]
      : [files.indexOf(position.file), position.line, position.column];
  return items.toSorted((one, other) => {
    const [file, line, column] = keysOf(one);
    const [otherFile, otherLine, otherColumn] = keysOf(other);
    return file - otherFile || line - otherLine || column - otherColumn;
  });
}

/** All mistakes in a set of manifests, or in a file beside them (2). Nothing was changed. */
export class ManifestError extends UsageError {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[], details?: ErrorDetails) {
    const schema = "to print its JSON Schema, for editors: herm apply --print-schema";
    const hint = mistakes.some(({ isOfKey }) => isOfKey) ? schema : undefined;
    super(describeMistakes(mistakes), details ?? { hint });
    this.mistakes = mistakes;
  }
}

/** An invalid record; records aren't written by hand. */
export class RecordError extends NotPossibleError {
  constructor(readonly mistakes: readonly Mistake[]) {
    super(describeMistakes(mistakes));
  }
}

/** Shortens text to one line for a message. */
export function excerpt(text: string): string {
  const short = text.length <= 60 ? text : `${text.slice(0, 57)}…`;
  return short.replace(/\s+/g, " ");
}

export function otherOne({ file, line }: FilePosition, position: FilePosition): string {
  return `the other one: ${file === position.file ? `line ${line}` : `${file}:${line}`}`;
}

/** `file:line:column`, or `--var hour`. */
export function positionText(place: Place): string {
  return typeof place === "string" ? place : `${place.file}:${place.line}:${place.column}`;
}

/** `file:line:column: what is wrong (what was meant)`. */
export function mistakeText(mistake: Mistake): string {
  return `${positionText(mistake.position)}: ${whatIsWrong(mistake)}`;
}

export function whatIsWrong({ message, suggestion }: Omit<Mistake, "position">): string {
  return suggestion === undefined ? message : `${message} (${suggestion})`;
}

function describeMistakes(mistakes: readonly Mistake[]): string {
  const [only] = mistakes;
  if (only !== undefined && mistakes.length === 1) return mistakeText(only);
  const lines = mistakes.slice(0, mostShown).map(mistakeText);
  const rest = mistakes.length - lines.length;
  const where = mistakes.every(({ isOutside }) => isOutside) ? "" : " in the manifest";
  return [
    `${mistakes.length} mistakes${where}`,
    ...lines,
    ...(rest === 0 ? [] : [`… and ${rest} more`]),
  ].join("\n");
}

export class Lines {
  readonly #starts = [0];

  constructor(
    private readonly file: string,
    private readonly text: string,
  ) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  positionAt(offset: number): FilePosition {
    let line = 0;
    let after = this.#starts.length;
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { file: this.file, line: line + 1, column: offset - (this.#starts[line] ?? 0) + 1 };
  }

  /** Finds the nth `${` (from 0) after an offset. */
  positionOfVariable(index: number, from: number): FilePosition {
    let at = this.text.indexOf("${", from);
    for (let passed = 0; passed < index && at !== -1; passed += 1) at = this.text.indexOf("${", at + 2);
    return this.positionAt(at === -1 ? from : at);
  }

  /** Finds the first position of a piece after an offset, or else returns the offset. */
  positionOfPiece(piece: string, from: number): FilePosition {
    const at = this.text.indexOf(piece, from);
    return this.positionAt(at === -1 ? from : at);
  }
}
