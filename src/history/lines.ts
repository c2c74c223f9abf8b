import { sha256 } from "../files/sha256.js";
import type { ChangeHead, ItemFields, ItemOutcome, NewItem } from "./change.js";

/** The first line of a change's file. */
export interface ChangeHeadLine extends Omit<ChangeHead, "id"> {
  change: string;
  version: 1;
}

/** A text that items name by its hash: over a fleet it is the same again and again. */
export interface TextLine {
  text: string;
  is: string;
}

/** Fields whose instructions are in a line of their own. */
export type StoredFields = ItemFields & { instructions_sha256?: string | undefined };

export interface ChangeItemLine extends Omit<NewItem, "before" | "after"> {
  item: number;
  before?: StoredFields | undefined;
  after?: StoredFields | undefined;
}

/** It goes out now, or again. */
interface ChangeSendingLine {
  sending: number;
  at: string;
}

export interface ChangeOutcomeLine extends ItemOutcome {
  outcome: number;
  at: string;
}

/** The command came to its end. */
interface ChangeClosedLine {
  closed: true;
  at: string;
}

export type ChangeLine =
  | ChangeHeadLine
  | TextLine
  | ChangeItemLine
  | ChangeSendingLine
  | ChangeOutcomeLine
  | ChangeClosedLine;

export function formatChangeLines(lines: readonly ChangeLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Gives the items of one file as lines, each text once. */
export class ChangeItemLines {
  readonly #known = new Set<string>();

  of(items: readonly NewItem[], firstNumber: number): (TextLine | ChangeItemLine)[] {
    return items.flatMap(({ before, after, ...item }, at) => {
      const texts: TextLine[] = [];
      const line: ChangeItemLine = {
        item: firstNumber + at,
        ...item,
        before: before && this.#stored(before, texts),
        after: after && this.#stored(after, texts),
      };
      return [...texts, line];
    });
  }

  #stored({ instructions, ...fields }: ItemFields, texts: TextLine[]): StoredFields {
    if (typeof instructions !== "string") return { ...fields, instructions };
    const text = sha256(instructions);
    if (!this.#known.has(text)) {
      this.#known.add(text);
      texts.push({ text, is: instructions });
    }
    return { ...fields, instructions_sha256: text };
  }
}
