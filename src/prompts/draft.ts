/** Lines that are being typed, and the cursor. Changed in place: pasted text comes a character at a time. */
export interface Draft {
  readonly lines: string[];
  row: number;
  /** Position in UTF-16 units of the row, as readline counts. */
  column: number;
}

export function newDraft(): Draft {
  return { lines: [""], row: 0, column: 0 };
}

export function rowOf({ lines, row }: Draft): string {
  return lines[row] ?? "";
}

/** The text without the empty lines at its end, which end the question. */
export function draftText({ lines }: Draft): string {
  return lines.join("\n").trimEnd();
}

export function setRow(draft: Draft, text: string, column: number): void {
  draft.lines[draft.row] = text;
  draft.column = column;
}

/** Enter: the text behind the cursor becomes a row of its own. */
export function splitRow(draft: Draft): void {
  const text = rowOf(draft);
  draft.lines.splice(draft.row, 1, text.slice(0, draft.column), text.slice(draft.column));
  draft.row += 1;
  draft.column = 0;
}

/** Joins two rows: Backspace at a row's beginning, `back`, or Delete at its end. False where there is no other. */
export function joinRows(draft: Draft, back: boolean): boolean {
  const upper = back ? draft.row - 1 : draft.row;
  const [first, second] = [draft.lines[upper], draft.lines[upper + 1]];
  if (first === undefined || second === undefined) return false;
  draft.lines.splice(upper, 2, first + second);
  draft.row = upper;
  draft.column = first.length;
  return true;
}

export function moveRow(draft: Draft, step: 1 | -1): void {
  draft.row = Math.max(0, Math.min(draft.lines.length - 1, draft.row + step));
  draft.column = Math.min(draft.column, rowOf(draft).length);
}

/** Rows to show, the one of the cursor among them, and no more above than need be. */
export function visibleRows({ lines, row }: Draft, room: number): { start: number; end: number } {
  const below = Math.floor(room / 2);
  const end = Math.min(lines.length, Math.max(room, row + 1 + below));
  return { start: Math.max(0, end - room), end };
}
