/** Lines of a change, read and written. */

import * as v from "valibot";
import { isObject } from "../api/json.js";
import { readLines } from "../files/json-text.js";
import type { LockState } from "../files/lock.js";
import { sha256 } from "../files/sha256.js";
import {
  type Change,
  type ChangeHead,
  type ChangeItem,
  type ItemFields,
  type NewItem,
  servedTime,
} from "./change.js";
import {
  type ChangeHeadLine,
  type ChangeItemLine,
  type ChangeLine,
  type ChangeOutcomeLine,
  type ChangeSendingLine,
  changeShapes,
  type StoredFields,
} from "./change-lines.js";
import { type IncidentOwnLine, incidentShapes } from "./incident-lines.js";

export type LedgerLine = ChangeLine | IncidentOwnLine;

/** Schemas by a line's first field, because a file may have a million lines. */
const shapeOf = new Map<string, v.GenericSchema>(Object.entries({ ...changeShapes, ...incidentShapes }));

/** Parses the lines of a change's or an incident's file; an invalid line becomes undefined. */
export function parseLines(fileText: string): (LedgerLine | undefined)[] {
  return readLines(fileText, isLine);
}

export function parseChange(fileText: string, lock?: LockState): Change | undefined {
  return parseChanges(fileText, lock)[0];
}

/**
 * Parses the changes in a file in order, even if its end is cut off or a line is damaged; an incident's file has one
 * per command. Returns none if this version can't read the head. `lock`: the state of the file's lock.
 */
export function parseChanges(fileText: string, lock: LockState = "held"): Change[] {
  const lines = parseLines(fileText).filter((line) => line !== undefined);
  const [first] = lines;
  const incident = first && "incident" in first && first.version === 1 ? first.incident : undefined;
  if (first === undefined || !("change" in first || incident !== undefined)) return [];
  const results = new ItemResults({ isIncident: incident !== undefined, lock });
  const commands: Command[] = [];
  for (const line of lines) {
    if ("change" in line) commands.push({ head: line, items: [], isEnded: false });
    else if ("item" in line) commands.at(-1)?.items.push(line);
    else if ("ended" in line) {
      const command = commands.at(-1);
      if (command !== undefined) command.isEnded = true;
    } else results.add(line);
  }
  return commands.map((command) => ({
    ...results.changeOf(command, command === commands.at(-1)),
    ...(incident === undefined ? {} : { incident }),
  }));
}

interface Command {
  head: ChangeHeadLine;
  items: ChangeItemLine[];
  isEnded: boolean;
}

class ItemResults {
  readonly #texts = new Map<string, string>();
  readonly #sent = new Map<number, ChangeSendingLine>();
  readonly #outcomes = new Map<number, ChangeOutcomeLine>();

  constructor(private readonly file: { isIncident: boolean; lock: LockState }) {}

  add(line: LedgerLine): void {
    if ("text" in line && sha256(line.is) === line.text) this.#texts.set(line.text, line.is);
    else if ("outcome" in line) this.#outcomes.set(line.outcome, line);
    else if ("sending" in line) this.#sent.set(line.sending, line);
  }

  changeOf({ head, items, isEnded }: Command, isLast: boolean): Change {
    const { change: id, version: _version, after: _after, served_at: _served, ...others } = head;
    const { isIncident, lock } = this.file;
    const isOpen = ({ item }: ChangeItemLine) => this.#sent.has(item) && !this.#outcomes.has(item);
    const isDone = isIncident ? !items.some(isOpen) : isEnded;
    const isOver = isDone || lock !== "held" || !isLast;
    const isSendingKnown = isIncident || isDone || lock === "left";
    return {
      id,
      ...others,
      items: items.map((line) => this.#itemOf(line, isSendingKnown)),
      is_over: isOver,
      was_killed: isOver && !isDone ? true : undefined,
    };
  }

  #itemOf({ item: number, before, after, ...own }: ChangeItemLine, isSendingKnown: boolean): ChangeItem {
    const hashes = [before, after].flatMap((each) => each?.instructions_sha256 ?? []);
    const became = this.#outcomeOf(number, isSendingKnown);
    return {
      ...own,
      before: before && this.#whole(before),
      after: after && this.#whole(after),
      sent_at: this.#sent.get(number)?.at,
      is_resent: this.#sent.get(number)?.again,
      sent_served_at: this.#sent.get(number)?.served_at,
      ...became,
      automation_id: became.automation_id ?? own.automation_id,
      ...(hashes.every((hash) => this.#texts.has(hash)) ? {} : { is_damaged: true }),
    };
  }

  #outcomeOf(number: number, isSendingKnown: boolean): Pick<ChangeItem, "result"> & Partial<ChangeItem> {
    const found = this.#outcomes.get(number);
    if (found === undefined)
      return { result: isSendingKnown && !this.#sent.has(number) ? "skipped" : "unknown" };
    const { outcome: _number, instructions_sha256: _hash, result, ...became } = found;
    const { at, served_at: served } = became;
    const served_at = served && servedTime(new Date(at), new Date(served))?.toISOString();
    const outcome = { ...became, served_at };
    // Older ledgers say "deleted" for any 404.
    return result === "gone"
      ? { ...outcome, result: "failed", error: "the API answered 404" }
      : { ...outcome, result };
  }

  /** Replaces the hash with its text; omits it if no line contains the matching text. */
  #whole({ instructions_sha256: hash, ...stored }: StoredFields): ItemFields {
    return hash === undefined ? stored : { ...stored, instructions: this.#texts.get(hash) };
  }
}

function isLine(value: unknown): value is LedgerLine {
  if (!isObject(value)) return false;
  for (const kind in value) {
    const shape = shapeOf.get(kind);
    return shape !== undefined && v.is(shape, value);
  }
  return false;
}

export function formatChangeLines(lines: readonly LedgerLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

export function changeHeadLine({ id, ...head }: ChangeHead): ChangeHeadLine {
  return { change: id, version: 1, ...head };
}

/** Formats the items of one file as lines, each text once. */
export class ChangeItemLines {
  readonly #known = new Set<string>();

  of(items: readonly NewItem[], firstNumber: number): ChangeLine[] {
    return items.flatMap(({ before, after, ...item }, at) => {
      const texts: ChangeLine[] = [];
      const line: ChangeItemLine = {
        item: firstNumber + at,
        ...item,
        before: before && this.#stored(before, texts),
        after: after && this.#stored(after, texts),
      };
      return [...texts, line];
    });
  }

  #stored({ instructions, ...fields }: ItemFields, texts: ChangeLine[]): StoredFields {
    if (typeof instructions !== "string") return { ...fields, instructions };
    const text = sha256(instructions);
    if (!this.#known.has(text)) {
      this.#known.add(text);
      texts.push({ text, is: instructions });
    }
    return { ...fields, instructions_sha256: text };
  }
}
