import { eastAsianWidth } from "get-east-asian-width";
import { isPlain } from "./safe.js";

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7fb]$/u;
const emojiByItself = /^\p{Emoji_Presentation}$/u;
const emojiSequence =
  /^(?:\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier}|\u200d)|[0-9#*]\ufe0f\u20e3)/u;
const pictographs = /\p{Extended_Pictographic}/gu;
/** The number of pictographs in the longest emoji that fonts draw as one: a kiss or a family. */
const mostPictographs = 4;
const regionalPair = /^\p{Regional_Indicator}{2}$/u;
const ellipsis = "…";
const tabStop = 8;
const stretchLength = 256;
/** A cell for several rows, in the form that `whereText` writes: `31 deployments`. */
const countOfDeployments = /^(\d+) deployments$/;

let segmenter: Intl.Segmenter | undefined;

/** The text's width in terminal columns: wide characters count two, combining ones zero. Expects safe() output. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme);
  return width;
}

// biome-ignore lint/complexity/useRegexLiterals: a literal would hold a control character
const colours = new RegExp("(\\u001b\\[[0-9;]*m)", "g");

/** The width of finished text in columns, not counting colour codes. */
export function styledWidth(line: string): number {
  return displayWidth(line.includes("\u001b") ? line.replace(colours, "") : line);
}

/** The text in at most `width` columns, ending in an ellipsis if it is cut. Cut text after encoding, never before. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return "";
  return withoutLastJoiner(fitting(text, width - 1)) + ellipsis;
}

/** Finished text in at most `width` columns, cut in the same way as by `cut`; closes colours that are open. */
export function cutStyled(line: string, width: number): string {
  if (styledWidth(line) <= width) return line;
  if (width <= 0) return "";
  let room = width - 1;
  const pieces = line.split(colours).map((piece, at) => {
    if (at % 2 === 1) return piece;
    const shown = withoutLastJoiner(fitting(piece, room));
    room = shown === piece ? room - displayWidth(piece) : 0;
    return shown;
  });
  return pieces.join("") + ellipsis;
}

/**
 * Cuts the texts of a column to `width`: at the end, or in the middle if two different ones would look the same
 * (`Blumen…rei US`). A count of deployments is shortened to the number.
 */
export function cutApart(texts: readonly string[], width: number): (text: string) => string {
  const wide = [...new Set(texts)].filter((text) => displayWidth(text) > width);
  const isApart = new Set(wide.map((text) => cut(text, width))).size === wide.length;
  const shorten = isApart ? cut : cutInMiddle;
  return (text) =>
    displayWidth(text) > width ? shorten(text.replace(countOfDeployments, "$1"), width) : text;
}

export function cutInMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width || width < 3) return cut(text, width);
  let room = Math.floor((width - 1) / 2);
  let end = "";
  for (const grapheme of [...graphemes(text)].reverse()) {
    room -= graphemeWidth(grapheme);
    if (room < 0) break;
    end = grapheme + end;
  }
  return cut(text, width - displayWidth(end)) + end;
}

/** Removes a joiner if the character after it is cut off. */
function withoutLastJoiner(text: string): string {
  return text.replace(/[\u200c\u200d]+$/, "");
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/**
 * Lines of at most `width` columns, broken at spaces, or within a word that is longer than that. Keeps indentation;
 * tabs become spaces.
 */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(1, width);
  return text.split("\n").flatMap((line) => wrapLine(expandTabs(line), room));
}

function wrapLine(line: string, width: number): string[] {
  if (displayWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = "";
  let used = 0;
  for (const piece of line.split(/( +)/)) {
    const pieceWidth = displayWidth(piece);
    if (used + pieceWidth <= width) {
      current += piece;
      used += pieceWidth;
      continue;
    }
    if (piece.startsWith(" ") && used > 0) {
      lines.push(current);
      current = "";
      used = 0;
      continue;
    }
    if (used > 0 && pieceWidth <= width) {
      lines.push(current.trimEnd());
      current = piece;
      used = pieceWidth;
      continue;
    }
    const pieces = breakWord(piece, { width, used });
    lines.push(current + (pieces[0] ?? ""), ...pieces.slice(1, -1));
    current = pieces.length > 1 ? (pieces.at(-1) ?? "") : "";
    used = displayWidth(current);
  }
  if (current.trimEnd() !== "") lines.push(current.trimEnd());
  return lines;
}

/** The pieces of a word: the first one fills the line that already has `used` columns, and the others get their own. */
function breakWord(word: string, { width, used }: { width: number; used: number }): string[] {
  const pieces: string[] = [];
  let piece = "";
  let room = width - used;
  for (const part of graphemes(word)) {
    const partWidth = graphemeWidth(part);
    const isTooWide = partWidth > room && (piece !== "" || room < width);
    if (isTooWide) {
      pieces.push(piece);
      piece = "";
      room = width;
    }
    piece += part;
    room -= partWidth;
  }
  return [...pieces, piece];
}

function fitting(text: string, width: number): string {
  if (isPlain(text)) return text.slice(0, Math.max(0, width));
  let used = 0;
  let length = 0;
  for (const grapheme of graphemes(text)) {
    used += graphemeWidth(grapheme);
    if (used > width) break;
    length += grapheme.length;
  }
  return text.slice(0, length);
}

/**
 * Characters as they are displayed, never wider than two columns; a longer chain is split into its code points. Reads
 * the text in stretches, because the segmenter's time grows with the square of the length.
 */
function* graphemes(text: string): Iterable<string> {
  if (isPlain(text)) return yield* text;
  segmenter ??= new Intl.Segmenter();
  let at = 0;
  while (at < text.length) {
    const end = stretchEnd(text, at);
    const found = Array.from(segmenter.segment(text.slice(at, end)), ({ segment }) => segment);
    const known = end === text.length || found.length === 1 ? found : found.slice(0, -1);
    for (const grapheme of known) {
      if (graphemeWidth(grapheme) > 2) yield* grapheme;
      else yield grapheme;
      at += grapheme.length;
    }
  }
}

function stretchEnd(text: string, start: number): number {
  const end = Math.min(text.length, start + stretchLength);
  const isHalf = end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return isHalf ? end - 1 : end;
}

function graphemeWidth(grapheme: string): number {
  if (isOneEmoji(grapheme)) return 2;
  let width = 0;
  for (const character of grapheme) width += characterWidth(character);
  return width;
}

/** True for a sequence that fonts draw as one picture; a longer chain is drawn in parts. */
function isOneEmoji(grapheme: string): boolean {
  if (grapheme.length < 2) return false;
  if (regionalPair.test(grapheme)) return true;
  return emojiSequence.test(grapheme) && (grapheme.match(pictographs) ?? []).length <= mostPictographs;
}

function characterWidth(character: string): number {
  if (zeroWidth.test(character)) return 0;
  if (emojiByItself.test(character)) return 2;
  return eastAsianWidth(character.codePointAt(0) ?? 0);
}

function expandTabs(line: string): string {
  if (!line.includes("\t")) return line;
  let expanded = "";
  for (const part of line.split(/(\t)/)) {
    expanded += part === "\t" ? " ".repeat(tabStop - (displayWidth(expanded) % tabStop)) : part;
  }
  return expanded;
}
