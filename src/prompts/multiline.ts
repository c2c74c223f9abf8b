import {
  createPrompt,
  isBackspaceKey,
  isDownKey,
  isEnterKey,
  isUpKey,
  type KeypressEvent,
  useKeypress,
  useRef,
  useState,
} from "@inquirer/core";
import type { TextVerdict } from "../context/prompts.js";
import { safe } from "../output/safe.js";
import { cut } from "../output/width.js";
import { keysLine, linesOf, type PromptDisplay, refusalLines, type TypedText } from "./display.js";
import { isLong, leaveWarning, type PromptStatus, useHead } from "./typed-text.js";

/** The lines being typed, and the cursor. Changed in place, because pasted text arrives one character at a time. */
interface Draft {
  readonly lines: string[];
  row: number;
  /** The position in the row, counted in UTF-16 units as readline does. */
  column: number;
}

/** @internal */
export function newDraft(): Draft {
  return { lines: [""], row: 0, column: 0 };
}

/** @internal */
export function rowOf({ lines, row }: Draft): string {
  return lines[row] ?? "";
}

/** The text without the empty lines at its end, which end the question. @internal */
export function draftText({ lines }: Draft): string {
  return lines.join("\n").trimEnd();
}

/** @internal */
export function setRow(draft: Draft, text: string, column: number): void {
  draft.lines[draft.row] = text;
  draft.column = column;
}

/** For Enter: moves the text after the cursor to a new row. @internal */
export function splitRow(draft: Draft): void {
  const text = rowOf(draft);
  draft.lines.splice(draft.row, 1, text.slice(0, draft.column), text.slice(draft.column));
  draft.row += 1;
  draft.column = 0;
}

/** Joins two rows, for Backspace at a row's start (`back`) or Delete at its end. False if there is no other row. */
/** @internal */
export function joinRows(draft: Draft, back: boolean): boolean {
  const upper = back ? draft.row - 1 : draft.row;
  const [first, second] = [draft.lines[upper], draft.lines[upper + 1]];
  if (first === undefined || second === undefined) return false;
  draft.lines.splice(upper, 2, first + second);
  draft.row = upper;
  draft.column = first.length;
  return true;
}

/** @internal */
export function moveRow(draft: Draft, step: 1 | -1): void {
  draft.row = Math.max(0, Math.min(draft.lines.length - 1, draft.row + step));
  draft.column = Math.min(draft.column, rowOf(draft).length);
}

/** The rows to show: the one with the cursor, and no more above it than needed. @internal */
export function visibleRows({ lines, row }: Draft, room: number): { start: number; end: number } {
  const below = Math.floor(room / 2);
  const end = Math.min(lines.length, Math.max(room, row + 1 + below));
  return { start: Math.max(0, end - room), end };
}

interface MultilineQuestion {
  message: string;
  /** The present text, which an empty answer keeps. */
  text: string;
  refusal: string;
  validate?: ((text: string) => TextVerdict | Promise<TextVerdict>) | undefined;
  typed: TypedText;
  display: PromptDisplay;
  leave(): void;
}

interface MultilineAnswer {
  text: string;
  opensEditor: boolean;
}

/** Sequences that make the terminal mark pasted text, so that empty lines in it don't end the prompt. */
export const markPaste = { on: "\x1b[?2004h", off: "\x1b[?2004l" };

interface Typing {
  draft: Draft;
  isPasting: boolean;
  lastKey: string | undefined;
}

/** The row that readline edits, with its cursor, which isn't in inquirer's types. */
interface Line {
  line: string;
  cursor?: unknown;
}

const mostShownRows = 9;

/** Several lines of text. An empty last line ends it, and Ctrl-X opens the editor. */
export const askMultiline = createPrompt<MultilineAnswer, MultilineQuestion>((question, done) => {
  const { display } = question;
  const [status, setStatus] = useState<PromptStatus>("idle");
  const [shown, setShown] = useState(newDraft());
  const [refusal, setRefusal] = useState(question.refusal);
  const [isInEditor, setIsInEditor] = useState(false);
  const typing = useRef<Typing>({ draft: newDraft(), isPasting: false, lastKey: undefined });
  const { theme, head } = useHead(question, status);
  question.typed.text = () => draftText(typing.current.draft);

  const finish = async (text: string) => {
    setStatus("loading");
    const verdict = (await question.validate?.(text)) ?? true;
    if (verdict === true) {
      setShown({ ...newDraft(), lines: text.split("\n") });
      setStatus("done");
      return done({ text, opensEditor: false });
    }
    setRefusal(verdict);
    setStatus("idle");
  };

  useKeypress(async (key, readline) => {
    if (status !== "idle") return;
    const { draft } = typing.current;
    if (key.ctrl && key.name === "x") {
      setIsInEditor(true);
      setStatus("done");
      return done({ text: draftText(draft) || question.text, opensEditor: true });
    }
    if (key.name === "escape" && !typing.current.isPasting) {
      if (isLong(draftText(draft)) && refusal !== leaveWarning) return setRefusal(leaveWarning);
      setStatus("left");
      return question.leave();
    }
    if (endsText(typing.current, key)) return finish(draftText(draft) || question.text);
    if (isEnterKey(key)) setRefusal("");
    typeKey(typing.current, key, readline);
    if (!typing.current.isPasting) setShown({ ...draft, lines: [...draft.lines] });
  });

  if (status === "left") return head;
  if (status === "done") {
    const answer = isInEditor ? "in the editor" : summary(shown.lines, display);
    return `${head} ${theme.style.answer(answer)}`;
  }
  const keepsHint =
    question.text === ""
      ? ""
      : ` ${theme.style.defaultAnswer(`empty keeps: ${summary(question.text.split("\n"), display)}`)}`;
  const title = `${head}${keepsHint}`;
  const refused = refusal === "" ? [] : refusalLines(refusal, display);
  const room = display.rows() - linesOf(title, display) - refused.length - linesOf(rowOf(shown), display) - 1;
  const { start, end } = visibleRows(shown, Math.max(1, Math.min(mostShownRows, room)));
  const rows = (from: number, to: number) =>
    shown.lines.slice(from, to).map((line) => `  ${cut(safe(line, "cell"), display.columns() - 3)}`);
  const isWhole = start === 0 && end === shown.lines.length;
  const position = isWhole ? [] : ([["line", `${shown.row + 1} of ${shown.lines.length}`]] as const);
  return [
    [title, ...rows(start, shown.row), `  ${safe(rowOf(shown), "cell")}`].join("\n"),
    [...rows(shown.row + 1, end), ...refused, keysLine([...position, ...keys], display)].join("\n"),
  ];
});

const keys = [
  ["empty last line", "ends"],
  ["ctrl-x", "editor"],
  ["↑↓", "move"],
  ["esc", "leaves"],
] as const;

/** True for Enter on an empty last line, unless it was pasted. */
function endsText({ draft, isPasting, lastKey }: Typing, key: KeypressEvent): boolean {
  const isLast = draft.row === draft.lines.length - 1;
  return isEnterKey(key) && !isSecondHalf(key, lastKey) && isLast && rowOf(draft) === "" && !isPasting;
}

/** True for the second character of a line end that has two. */
function isSecondHalf(key: KeypressEvent, lastKey: string | undefined): boolean {
  return key.name === "enter" && lastKey === "return";
}

/** Applies a key to the text, after readline has read it; readline knows only the current row. */
function typeKey(typing: Typing, key: KeypressEvent, readline: Line): void {
  const { draft, lastKey } = typing;
  const isAtStart = draft.column === 0;
  const isAtEnd = draft.column === rowOf(draft).length;
  typing.lastKey = key.name;
  if (key.name === "paste-start" || key.name === "paste-end") {
    typing.isPasting = key.name === "paste-start";
    return;
  }
  if (isEnterKey(key)) {
    if (!isSecondHalf(key, lastKey)) splitRow(draft);
  } else if (isUpKey(key, ["emacs"])) moveRow(draft, -1);
  else if (isDownKey(key, ["emacs"])) moveRow(draft, 1);
  else if (!(isBackspaceKey(key) && isAtStart && joinRows(draft, true))) {
    if (!(key.name === "delete" && isAtEnd && joinRows(draft, false)))
      setRow(draft, readline.line, cursorOf(readline));
  }
  Object.assign(readline, { line: rowOf(draft), cursor: draft.column });
}

function cursorOf({ line, cursor }: Line): number {
  return typeof cursor === "number" ? cursor : line.length;
}

function summary(lines: readonly string[], display: PromptDisplay): string {
  const more = lines.length > 1 ? ` (${lines.length} lines)` : "";
  return cut(safe(lines[0] ?? "", "cell"), Math.max(8, display.columns() - 24)) + more;
}
