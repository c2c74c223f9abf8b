import type { Cell, Row } from "./cells.js";
import { Looks } from "./looks.js";
import { type Theme, themes } from "./paint.js";

/** In the picture's pixels; a cell is as wide as in most monospace fonts of that size. */
const cell = { width: 8.4, height: 20, font: 14, baseline: 15 };
const margin = 16;
const bar = 30;
const fonts =
  'ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace';

export interface PictureText {
  /** One sentence about the picture. */
  title: string;
  columns: number;
}

/** A screen in a film, and how long it is shown. */
export interface Frame {
  rows: readonly Row[];
  seconds: number;
}

/**
 * A window with the cells, as one SVG that is light or dark like its reader's system. Its text can be selected, and is
 * in its columns whatever the font. It doesn't load or run anything, whatever the cells contain.
 */
export function svgOf(rows: readonly Row[], text: PictureText): string {
  return filmOf([{ rows, seconds: 0 }], text);
}

/**
 * The same for a loop of screens, which are below each other on a strip, of which the window shows one. It shows the
 * last screen if a reader wants no motion.
 */
export function filmOf(frames: readonly Frame[], { title, columns }: PictureText): string {
  const looks = new Looks();
  const rowCount = Math.max(...frames.map(({ rows }) => rows.length));
  const step = rowCount * cell.height;
  const lines = frames.flatMap(({ rows }, frame) =>
    rows.flatMap((row, at) => lineOf(row, { top: frame * step + at * cell.height, looks })),
  );
  const screens = lines.join("\n");
  const width = Math.ceil(columns * cell.width) + 2 * margin;
  const height = step + bar + margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(seen(title))}</title>
<desc id="desc">
${escaped(textOfFilm(frames))}
</desc>
<style>
text{font:${cell.font}px ${fonts};white-space:pre;unicode-bidi:bidi-override}
${rulesOf(themes.light, looks)}
@media(prefers-color-scheme:dark){
${rulesOf(themes.dark, looks)}
}
${motionOf(frames, step)}</style>
<rect class="window" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
<g class="buttons"><circle cx="20" cy="17" r="5"/><circle cx="36" cy="17" r="5"/><circle cx="52" cy="17" r="5"/></g>
<g transform="translate(${margin} ${bar})" xml:space="preserve">
${frames.length === 1 ? screens : `<svg aria-hidden="true" width="${width - 2 * margin}" height="${step}"><g class="strip">\n${screens}\n</g></svg>`}
</g>
</svg>
`;
}

/** The rules that move the strip by a window's height from frame to frame. */
function motionOf(frames: readonly Frame[], step: number): string {
  if (frames.length === 1) return "";
  const whole = Number(frames.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1));
  const place = (at: number) => `{transform:translateY(${-at * step}px)}`;
  let before = 0;
  const stops = frames.map(({ seconds }, at) => {
    const share = Number(((100 * before) / whole).toFixed(3));
    before += seconds;
    return `${share}%${place(at)}`;
  });
  return `.strip${place(frames.length - 1)}
@media(prefers-reduced-motion:no-preference){.strip{animation:film ${whole}s step-end infinite}}
@keyframes film{${stops.join("")}}
`;
}

function rulesOf(theme: Theme, looks: Looks): string {
  const { ink, ground, edge } = theme;
  const window = `.window{fill:#${ground};stroke:#${edge}}\n.buttons{fill:#${edge}}\ntext{fill:#${ink}}`;
  return `${window}\n${looks.rules(theme)}`.trim();
}

/** The text of a picture: its title, and its screen as text. */
export function readPicture(svg: string): { title: string; text: string } {
  const [, title = ""] = /<title[^>]*>([^<]*)<\/title>/.exec(svg) ?? [];
  const [, text = ""] = /<desc[^>]*>\n([^<]*)\n<\/desc>/.exec(svg) ?? [];
  return { title: unescaped(title), text: unescaped(text) };
}

/** Cells drawn as one text. */
interface Piece {
  column: number;
  width: number;
  text: string;
  className: string | undefined;
  hasGround: boolean;
}

function lineOf(row: Row, { top, looks }: { top: number; looks: Looks }): string[] {
  const drawn = piecesOf(row.slice(0, row.findLastIndex((cell) => !isBlank(cell)) + 1), looks);
  if (drawn.length === 0) return [];
  const grounds = drawn
    .filter(({ hasGround }) => hasGround)
    .map(
      ({ className, column, width }) =>
        `<rect class="${className}-ground" x="${across(column)}" y="${top}" width="${across(width)}" height="${cell.height}"/>`,
    );
  const line = `<text y="${top + cell.baseline}">${drawn.map(spanOf).join("")}</text>`;
  return [...grounds, line];
}

/**
 * Every piece has a fixed position and width. A piece ends where the look changes, and before the start of a table's
 * column. A character that may be missing from a monospace font, and so come from a font with another width, is a
 * separate piece.
 */
function piecesOf(row: Row, looks: Looks): Piece[] {
  const pieces: Piece[] = [];
  let column = 0;
  for (const { text, width, look } of row) {
    const found = looks.classOf(look);
    const last = pieces.at(-1);
    const isSame = last !== undefined && last.className === found?.name;
    const beginsColumn = text !== " " && last?.text.endsWith("  ") === true;
    if (isSame && isPlain(text) && isPlain(last.text) && !beginsColumn) {
      last.text += text;
      last.width += width;
    } else {
      const hasGround = found?.hasGround ?? false;
      pieces.push({ column, width, text: seen(text), className: found?.name, hasGround });
    }
    column += width;
  }
  return pieces;
}

const isBlank = ({ text, look }: Cell): boolean =>
  text === " " && look.background === undefined && !(look.isInverse || look.isUnderlined || look.isStruck);

const isPlain = (text: string): boolean => /^[ -~]+$/.test(text);

function spanOf({ column, width, text, className }: Piece): string {
  const look = className === undefined ? "" : ` class="${className}"`;
  const place = `x="${across(column)}" textLength="${across(width)}" lengthAdjust="spacingAndGlyphs"`;
  return `<tspan${look} ${place}>${escaped(text)}</tspan>`;
}

const across = (columns: number): string => String(Number((columns * cell.width).toFixed(1)));

/** The text of all screens except those that the next one only adds to, as while a command is typed. */
function textOfFilm(frames: readonly Frame[]): string {
  const texts = frames.map(({ rows }) => textOf(rows));
  return texts.filter((text, at) => texts[at + 1]?.startsWith(text) !== true).join("\n\n");
}

/** The text of a screen, without blanks at the ends. */
function textOf(rows: readonly Row[]): string {
  return rows
    .map((row) =>
      row
        .map(({ text }: Cell) => seen(text))
        .join("")
        .trimEnd(),
    )
    .join("\n")
    .trimEnd();
}

/**
 * Characters that XML can't contain or no font has, or that reverse the order of a text; joiners within a sign are
 * kept.
 */
const unseen = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\ufffe\uffff]/gu;

const seen = (text: string): string => text.replaceAll(unseen, "\ufffd");

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? "");

function unescaped(text: string): string {
  return Object.entries(entities).reduceRight((rest, [sign, entity]) => rest.replaceAll(entity, sign), text);
}
