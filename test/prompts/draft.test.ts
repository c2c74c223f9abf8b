import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  draftText,
  joinRows,
  moveRow,
  newDraft,
  rowOf,
  setRow,
  splitRow,
  visibleRows,
} from "../../src/prompts/multiline.js";

const keys = fc.constantFrom("a", "é", "enter", "back", "delete", "up", "down", "home", "end");

/** The same keys on one text with a cursor. */
function typeInOne(text: string, at: number, key: string): { text: string; at: number } {
  const insert = (piece: string) => ({
    text: text.slice(0, at) + piece + text.slice(at),
    at: at + piece.length,
  });
  const start = text.slice(0, at).lastIndexOf("\n") + 1;
  const next = text.indexOf("\n", at);
  const end = next < 0 ? text.length : next;
  if (key === "enter") return insert("\n");
  if (key === "back")
    return { text: text.slice(0, Math.max(0, at - 1)) + text.slice(at), at: Math.max(0, at - 1) };
  if (key === "delete") return { text: text.slice(0, at) + text.slice(at + 1), at };
  if (key === "home") return { text, at: start };
  if (key === "end") return { text, at: end };
  if (key === "up") {
    const above = text.slice(0, Math.max(0, start - 1)).lastIndexOf("\n") + 1;
    return { text, at: start === 0 ? at : Math.min(above + at - start, start - 1) };
  }
  if (key === "down") {
    const below = text.indexOf("\n", end + 1);
    const last = below < 0 ? text.length : below;
    return { text, at: next < 0 ? at : Math.min(end + 1 + at - start, last) };
  }
  return insert(key);
}

describe("a multi-line text", () => {
  it("behaves like one text with a cursor", () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 60 }), (typed) => {
        const draft = newDraft();
        let one = { text: "", at: 0 };
        for (const key of typed) {
          one = typeInOne(one.text, one.at, key);
          const [row, column] = [rowOf(draft), draft.column];
          if (key === "enter") splitRow(draft);
          else if (key === "up") moveRow(draft, -1);
          else if (key === "down") moveRow(draft, 1);
          else if (key === "home") setRow(draft, row, 0);
          else if (key === "end") setRow(draft, row, row.length);
          else if (key === "back" && column === 0) joinRows(draft, true);
          else if (key === "back") setRow(draft, row.slice(0, column - 1) + row.slice(column), column - 1);
          else if (key === "delete" && column === row.length) joinRows(draft, false);
          else if (key === "delete") setRow(draft, row.slice(0, column) + row.slice(column + 1), column);
          else setRow(draft, row.slice(0, column) + key + row.slice(column), column + 1);
          const before = draft.lines.slice(0, draft.row).join("\n").length + (draft.row > 0 ? 1 : 0);
          expect({ text: draft.lines.join("\n"), at: before + draft.column }).toEqual(one);
        }
        expect(draftText(draft)).toBe(one.text.trimEnd());
      }),
    );
  });

  it("shows the cursor's row and as many others as fit", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 12 }), (count, at, room) => {
        const draft = { lines: Array<string>(count + 1).fill(""), row: Math.min(at, count), column: 0 };
        const { start, end } = visibleRows(draft, room);
        expect(end - start).toBe(Math.min(room, count + 1));
        expect(draft.row).toBeGreaterThanOrEqual(start);
        expect(draft.row).toBeLessThan(end);
      }),
    );
  });
});
