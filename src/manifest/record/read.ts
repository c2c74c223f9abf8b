import { tryJson } from "../../api/json.js";
import type { Mistakes } from "../mistake.js";
import { AutomationRecord, keyOf, type RecordMark, sortKey } from "./automation-record.js";

export const mostRecordBytes = 8 * 1024 * 1024;

interface RecordText {
  file: string;
  text: string;
}

export interface RecordReading {
  record: AutomationRecord | undefined;
  /** True if it ends with lines from a killed command, or isn't sorted. */
  needsRewrite: boolean;
  /** A line in an obsolete form, without which adopt rewrites the record. */
  oldLine?: string | undefined;
}

/** The mistake for a record passed as something else. */
export const recordMistake = "this is a record: use --record";

/** True for text that is marked as a record, and so isn't another manifest in the folder. */
export function looksLikeRecord(text: string): boolean {
  return /^(?:(?:#.*)?\r?\n)*record: \d/.test(text);
}

/** True for text with any part of a record's head; text with none is the wrong file. */
function looksOnceLikeRecord(text: string): boolean {
  return looksLikeRecord(text) || /^(?:api|store|made):/m.test(text) || /^ {2}dep_\w+\//m.test(text);
}

/**
 * Reads a record strictly, line by line, because only herm writes it. Adds mistakes to `mistakes`. An unterminated
 * last line was cut off, and counts as unwritten.
 */
export function readRecord(source: RecordText, mistakes: Mistakes): RecordReading {
  return new RecordReader(source, mistakes).read();
}

type HeadKey = "record" | "api" | "store" | "made";

const headForm = /^(record|api|store|made): *(.*)$/s;
/** `  dep_1/auto_1: "Weekly"`, `  dep_1/auto_1: weekly`, `  dep_1/making-0123456789abcdef: weekly "Weekly"`. */
const entryForm =
  /^ {2}(dep_\w{1,128})\/(?:(auto_\w{1,128})|making-([0-9a-f]{16})|deleting-(auto_\w{1,128})): *(?:([A-Za-z0-9-]+)(?: (?=["'])|$))?(.*)$/s;
const oldForm = /^ {2}(dep_\w{1,128}\/left):/;
const keepBoth =
  "keep the lines of both sides, without the markers; to automate that, set merge=union for it in .gitattributes";
const restoreHint = "restore it from git";

class RecordReader {
  readonly #head = new Map<HeadKey, string | undefined>();
  /** Lines seen so far, because duplicates from a merge count once. */
  readonly #lines = new Set<string>();
  readonly #record = new AutomationRecord({ origin: "" });
  #isInConflict = false;
  /** Lines that herm doesn't write. */
  readonly #others: number[] = [];
  #hasIntent = false;
  readonly #conflicts: number[] = [];
  #needsRewrite = false;
  #oldLine: string | undefined;
  #lastKey = "";

  constructor(
    private readonly source: RecordText,
    private readonly mistakes: Mistakes,
  ) {}

  read(): RecordReading {
    const { text } = this.source;
    const lines = text.split("\n");
    const last = lines.pop() ?? "";
    const isEmpty = lines.every(isBlank) && isBlank(last);
    if (isEmpty || !looksOnceLikeRecord(text)) {
      if (!isEmpty) this.#add(1, "this isn't a record");
      return { record: undefined, needsRewrite: false };
    }
    for (const [at, line] of lines.entries()) this.#take(line.replace(/\r$/, ""), at + 1);
    if (last !== "") this.#takeLast(last, lines.length + 1);
    this.#reportConflicts();
    this.#reportOthers();
    this.#checkHead();
    const store_id = this.#head.get("store");
    this.#record.api = { origin: this.#head.get("api") ?? "", ...(store_id !== undefined && { store_id }) };
    return { record: this.#record, needsRewrite: this.#needsRewrite, oldLine: this.#oldLine };
  }

  /** Reads the last line unless it was cut off, which is no mistake in a killed command's intent, or after one. */
  #takeLast(line: string, number: number): void {
    this.#needsRewrite = true;
    const isWhole =
      !line.startsWith("  ") ||
      /^ {2}\S+: (?:[A-Za-z0-9-]+ )?(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?: # (?:paused|initial))?$/s.test(
        line,
      );
    if (isWhole) this.#take(line, number);
    else if (!this.#hasIntent && !/^ {2}\S*\/(?:making|deleting)-/.test(line))
      this.#add(number, "cut off", restoreHint);
  }

  #take(line: string, number: number): void {
    if (this.#isMerge(line, number) || isBlank(line)) return;
    const [, old] = oldForm.exec(line) ?? [];
    this.#oldLine ??= old;
    if (old !== undefined) return;
    if (this.#isHead(line) || this.#isEntry(line)) return;
    if (/^record: *(?:[2-9]|[1-9]\d+)$/.test(line)) this.#add(number, "a newer herm wrote this record");
    else this.#others.push(number);
  }

  #reportOthers(): void {
    const [first, ...more] = this.#others;
    if (first === undefined) return;
    if (more.length === 0) this.#add(first, "not a line of a record", restoreHint);
    else
      this.#add(first, `${more.length + 1} lines aren't as herm wrote them`, `reformatted: ${restoreHint}`);
  }

  /** True for merge marks, and for all lines between them. */
  #isMerge(line: string, number: number): boolean {
    const isInside = this.#isInConflict;
    if (/^<{7}( |$)/.test(line)) {
      this.#isInConflict = true;
      this.#conflicts.push(number);
    } else if (/^>{7}( |$)/.test(line)) this.#isInConflict = false;
    return isInside || this.#isInConflict;
  }

  /** Reports all conflicts once, because there is one for each deployment that both sides changed. */
  #reportConflicts(): void {
    const [first, ...others] = this.#conflicts;
    if (first === undefined) return;
    const more = others.length === 0 ? "" : ` and ${others.length} more like it`;
    this.#add(first, `git couldn't merge this${more}`, keepBoth);
  }

  #isHead(line: string): boolean {
    const [, name, value = ""] = headForm.exec(line) ?? [];
    const key = name as HeadKey | undefined;
    if (key === undefined || this.#head.has(key)) return false;
    const text = key === "api" || key === "store" ? textIn(value) : value;
    this.#head.set(key, text);
    return text !== undefined && (key !== "record" || value === "1") && (key !== "made" || value === "");
  }

  #isEntry(whole: string): boolean {
    const [, line = whole, mark] = /^(.*) # (paused|initial)$/s.exec(whole) ?? [];
    const [, deployment_id, automation_id, fingerprint, deleting = "", id, text = ""] =
      entryForm.exec(line) ?? [];
    if (deployment_id === undefined || !this.#head.has("made")) return false;
    if (mark !== undefined && automation_id === undefined) return false;
    const hasIdAlone = id !== undefined && text === "" && fingerprint === undefined;
    const name = hasIdAlone ? id : textIn(text);
    if (name === undefined || name.trim() === "") return false;
    const meaning = `${line.split(":", 1)[0]} ${id ?? ""} ${name}`;
    const ids = { deployment_id, automation_id: automation_id ?? deleting };
    const known = this.#lines.has(meaning) && this.#record.entryOf(deployment_id, ids.automation_id);
    // If a merge left both marks, it may belong to the customer, but isn't known to be kept paused.
    if (known && known.mark !== mark)
      known.mark = [known.mark, mark].includes("initial") ? "initial" : undefined;
    if (this.#lines.has(meaning)) return true;
    this.#lines.add(meaning);
    const entry = { ...ids, key: keyOf({ id, name }), mark: mark as RecordMark | undefined };
    this.#hasIntent ||= automation_id === undefined;
    if (automation_id !== undefined) this.#record.addLine(entry);
    else if (fingerprint !== undefined)
      this.#record.addPendingCreate({ deployment_id, fingerprint, id, name });
    else this.#record.addPendingDeletion(entry);
    // At its end, every command removes the lines for open creates and deletions.
    const isInOrder = automation_id !== undefined && sortKey(entry) >= this.#lastKey;
    if (isInOrder) this.#lastKey = sortKey(entry);
    else this.#needsRewrite = true;
    return true;
  }

  #checkHead(): void {
    if (this.#isInConflict || this.#others.length > 0) return;
    for (const key of ["record", "api", "made"] as const) {
      if (!this.#head.has(key)) this.#add(1, `a record needs ${key}`, restoreHint);
    }
  }

  #add(line: number, message: string, suggestion?: string): void {
    const position = { file: this.source.file, line, column: 1 };
    this.mistakes.add({ position, message, suggestion, isOutside: true });
  }
}

/** The text in either kind of quotes, because a formatter may change them; undefined for other text. */
function textIn(value: string): string | undefined {
  const [, single] = /^'((?:[^']|'')*)'$/.exec(value) ?? [];
  const text = single?.replaceAll("''", "'") ?? tryJson(value);
  return typeof text === "string" ? text : undefined;
}

function isBlank(line: string): boolean {
  return /^\s*(#.*)?$/s.test(line);
}
