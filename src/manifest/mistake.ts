import { type ErrorDetails, UsageError } from "../errors.js";

/** Where in a manifest something stands; line and column count from 1. */
export interface FilePosition {
  /** As the person gave it; `stdin` for a manifest that was piped. */
  file: string;
  line: number;
  column: number;
}

/** One thing that is wrong in a manifest, and what would be right. */
export interface Mistake {
  position: FilePosition;
  message: string;
  /** What was probably meant. */
  suggestion?: string;
  /** It is about a folder, a record or a file that can't be read: nothing that stands in a manifest is wrong. */
  isOutside?: boolean;
}

const mostShown = 50;

/** Collects what is wrong, so that all of it can be told at once. */
export class Mistakes {
  readonly #found: Mistake[] = [];
  readonly #texts = new Set<string>();

  /** What is said of one place once is said: a default is read for each automation. */
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
   * Throws ManifestError if anything was added: file by file, those of `order` first, each from its top. `details`: what to
   * do, if that isn't to look at a manifest's form.
   */
  throwIfAny(order: readonly string[] = [], details?: MistakeDetails): void {
    if (this.#found.length === 0) return;
    const files = [...new Set([...order, ...this.#found.map(({ position }) => position.file)])];
    const sorted = this.#found.toSorted(
      ({ position: one }, { position: other }) =>
        files.indexOf(one.file) - files.indexOf(other.file) ||
        one.line - other.line ||
        one.column - other.column,
    );
    throw new ManifestError(sorted, details);
  }
}

export interface MistakeDetails extends ErrorDetails {
  /** What kind of file it is about, if not manifests: `the plan`. */
  what?: string;
}

/** What is wrong with a set of manifests, or with a file beside them, all of it at once (2). Nothing was changed. */
export class ManifestError extends UsageError {
  /** In the order of the files, each from its top. */
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[], details?: MistakeDetails) {
    const schema = "herm automations apply --print-schema prints its JSON Schema, for editors";
    const hint = mistakes.every(({ isOutside }) => isOutside) ? undefined : schema;
    super(describeMistakes(mistakes, details?.what), details ?? { hint });
    this.mistakes = mistakes;
  }
}

/** A text of any length, short enough to stand in a message, and in one line. */
export function excerpt(text: string): string {
  const short = text.length <= 60 ? text : `${text.slice(0, 57)}…`;
  return short.replace(/\s+/g, " ");
}

/** `file:line:column`. */
export function positionText({ file, line, column }: FilePosition): string {
  return `${file}:${line}:${column}`;
}

/** `file:line:column: what is wrong (what was meant)`. */
export function mistakeText(mistake: Mistake): string {
  return `${positionText(mistake.position)}: ${whatIsWrong(mistake)}`;
}

/** The same without its place. */
export function whatIsWrong({ message, suggestion }: Omit<Mistake, "position">): string {
  return suggestion === undefined ? message : `${message} (${suggestion})`;
}

function describeMistakes(mistakes: readonly Mistake[], what?: string): string {
  const [only] = mistakes;
  if (only !== undefined && mistakes.length === 1) return mistakeText(only);
  const lines = mistakes.slice(0, mostShown).map(mistakeText);
  const rest = mistakes.length - lines.length;
  const where = what ?? (mistakes.every(({ isOutside }) => isOutside) ? undefined : "the manifest");
  return [
    `${mistakes.length} mistakes${where === undefined ? "" : ` in ${where}`}`,
    ...lines,
    ...(rest === 0 ? [] : [`… and ${rest} more`]),
  ].join("\n");
}
