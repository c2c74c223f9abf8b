import { sha256 } from "../files/sha256.js";
import type { ChangeHead, ItemFields, NewItem } from "./change.js";
import type { ChangeHeadLine, ChangeItemLine, ChangeLine, StoredFields } from "./change-lines.js";
import type { LedgerLine } from "./parse.js";

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
