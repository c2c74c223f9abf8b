import { tryJson } from "../../api/json.js";
import { excerpt, type Mistakes } from "../mistake.js";
import { AutomationRecord, sortKey } from "./automation-record.js";
import { keyOf } from "./key.js";

export const mostRecordBytes = 8 * 1024 * 1024;

export interface RecordText {
  file: string;
  text: string;
}

export interface RecordReading {
  record: AutomationRecord | undefined;
  /** True when it has lines of a killed command at its end, or isn't sorted. */
  needsRewrite: boolean;
}

/** True for text that calls itself a record: beside manifests it is none of them. */
export function looksLikeRecord(text: string): boolean {
  return /^(?:(?:#.*)?\r?\n)*record: \d/.test(text);
}

/** True for text with any part of a record's head: else the wrong file was named. */
function looksOnceLikeRecord(text: string): boolean {
  return looksLikeRecord(text) || /^(?:api|store|made):/m.test(text) || /^ {2}dep_\w+\//m.test(text);
}

/**
 * Reads a record strictly, line by line: only herm writes it. Mistakes go to `mistakes`. A last line without an end was
 * cut off, and counts as not written.
 */
export function readRecord(source: RecordText, mistakes: Mistakes): RecordReading {
  return new RecordReader(source, mistakes).read();
}

const headKeys = ["record", "api", "store", "made"] as const;
type HeadKey = (typeof headKeys)[number];

const keyForm = /^(dep_\w{1,128})\/(?:(auto_\w{1,128})|making-([0-9a-f]{16})|deleting-(auto_\w{1,128}))$/;
const keepBoth =
  "keep the lines of both sides, without the markers; merge=union for it in .gitattributes does that";
const again = "restore the file from git or the cache";

class RecordReader {
  readonly #head = new Map<HeadKey, { value: string; line: number }>();
  /** Lines seen: equal ones, which a merge leaves, count once. */
  readonly #lines = new Set<string>();
  readonly #record = new AutomationRecord({ origin: "" });
  #line = 0;
  #isInConflict = false;
  readonly #conflicts: number[] = [];
  #needsRewrite = false;
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
    if (isEmpty) return { record: undefined, needsRewrite: false };
    if (!looksOnceLikeRecord(text)) {
      this.#line = 1;
      this.#add(1, "this isn't a record");
      return { record: undefined, needsRewrite: false };
    }
    for (const line of lines) this.#take(line.replace(/\r$/, ""));
    if (last !== "") this.#takeLast(last);
    this.#reportConflicts();
    this.#checkHead();
    const origin = this.#head.get("api")?.value ?? "";
    const store_id = this.#head.get("store")?.value;
    this.#record.api = store_id === undefined ? { origin } : { origin, store_id };
    return { record: this.#record, needsRewrite: this.#needsRewrite };
  }

  /** Takes the last line, unless it was cut off. */
  #takeLast(line: string): void {
    this.#needsRewrite = true;
    const isWhole =
      !line.startsWith("  ") ||
      /^ {2}\S+: (?:[A-Za-z0-9-]+ )?(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')$/s.test(line);
    if (isWhole) this.#take(line);
  }

  #take(line: string): void {
    this.#line += 1;
    if (this.#isMerge(line) || isBlank(line)) return;
    const [, indent = "", key = "", gap = "", value = ""] = /^( *)([^\s:]+):( *)(.*)$/s.exec(line) ?? [];
    const column = indent.length + key.length + gap.length + 2;
    const isHead = indent === "";
    const isNone = key === "" || (!isHead && indent !== "  ");
    if (isNone) this.#add(1, "not a line of a record", again);
    else if (isHead) this.#takeHead(key, { value, column });
    else this.#takeEntry(key, { value, column });
  }

  /** True for merge marks, and for all lines between them. */
  #isMerge(line: string): boolean {
    const [, mark] = /^([<=|>])\1{6}( |$)/.exec(line) ?? [];
    const isInside = this.#isInConflict;
    if (mark === "<") {
      this.#isInConflict = true;
      this.#conflicts.push(this.#line);
    } else if (mark === ">") {
      this.#isInConflict = false;
    }
    if (mark !== undefined && mark !== "<" && !isInside) this.#add(1, "a git merge marker without its start");
    return isInside || mark !== undefined;
  }

  /** Reports all conflicts once: there is one for each deployment that both sides changed. */
  #reportConflicts(): void {
    const [first, ...others] = this.#conflicts;
    if (first === undefined) return;
    this.#line = first;
    const more = others.length === 0 ? "" : ` and ${others.length} more like it`;
    this.#add(1, `git couldn't merge this${more}`, keepBoth);
  }

  #takeHead(name: string, { value, column }: Value): void {
    const key = headKeys.find((each) => each === name);
    const before = key && this.#head.get(key);
    if (key === undefined) {
      this.#add(1, `unknown key ${excerpt(name)}`, again);
    } else if (before !== undefined) {
      this.#add(1, `${key} is given twice`, `first in line ${before.line}`);
    } else {
      const text = key === "api" || key === "store" ? this.#textOf({ value, column }, key) : value;
      this.#head.set(key, { value: text ?? "", line: this.#line });
      this.#checkHeadValue(key, { value, column });
    }
  }

  #checkHeadValue(key: HeadKey, { value, column }: Value): void {
    if (key === "record" && value !== "1") {
      const isLater = /^[2-9]\d*$/.test(value);
      this.#add(column, "record must be 1", isLater ? "a newer herm wrote it" : undefined);
    }
    if (key === "made" && value !== "") this.#add(column, "automations are in the lines below", again);
  }

  #takeEntry(key: string, { value, column }: Value): void {
    const found = keyForm.exec(key);
    if (!this.#head.has("made")) {
      this.#add(3, "this belongs below made:", again);
    } else if (found === null) {
      this.#add(3, `${excerpt(key)} names no automation`, "the lines begin with dep_…/auto_…");
    } else if (!this.#lines.has(`${key}: ${value}`)) {
      this.#lines.add(`${key}: ${value}`);
      const [, id, text = ""] = /^([A-Za-z0-9-]+)(?: (?=["'])|$)(.*)$/s.exec(value) ?? [
        undefined,
        undefined,
        value,
      ];
      const isAlone = id !== undefined && text === "" && found[3] === undefined;
      const name = isAlone ? "" : this.#textOf({ value: text, column }, "the name");
      if (!isAlone && name?.trim() === "") this.#add(column, "the name is empty");
      else if (name !== undefined) this.#addTo(found, { id, name });
    }
  }

  #addTo(
    [, deployment_id = "", automation_id, fingerprint, deleting]: RegExpExecArray,
    called: { id?: string | undefined; name: string },
  ): void {
    const key = keyOf(called);
    const entry = { deployment_id, automation_id: automation_id ?? deleting ?? "", key };
    if (automation_id !== undefined) this.#record.addLine(entry);
    else if (fingerprint !== undefined)
      this.#record.addPendingCreate({ deployment_id, fingerprint, ...called });
    else this.#record.addPendingDeletion(entry);
    // Lines of what was left open are removed by the end of any command.
    const isInOrder = automation_id !== undefined && sortKey(entry) >= this.#lastKey;
    if (isInOrder) this.#lastKey = sortKey(entry);
    else this.#needsRewrite = true;
  }

  /** Text in quotes of either kind: a formatter may prefer the other. */
  #textOf({ value, column }: Value, what: string): string | undefined {
    const [, single] = /^'((?:[^']|'')*)'$/.exec(value) ?? [];
    const text = single?.replaceAll("''", "'") ?? tryJson(value);
    if (typeof text === "string") return text;
    this.#add(column, `${what} must be text in quotes`, again);
    return undefined;
  }

  #checkHead(): void {
    if (this.#isInConflict) return;
    this.#line = 1;
    for (const key of ["record", "api", "made"] as const) {
      if (!this.#head.has(key)) this.#add(1, `a record needs ${key}`, again);
    }
  }

  #add(column: number, message: string, suggestion?: string): void {
    this.mistakes.add({
      position: { file: this.source.file, line: this.#line, column },
      message,
      suggestion,
      isOutside: true,
    });
  }
}

interface Value {
  value: string;
  column: number;
}

function isBlank(line: string): boolean {
  return /^\s*(#.*)?$/s.test(line);
}
