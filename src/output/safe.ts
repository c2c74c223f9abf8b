/** Makes text safe, so that a terminal shows control sequences instead of obeying them. */

/** Matches most texts, which need no check of each character: ASCII, Latin, Greek, Cyrillic and our own marks. */
const plain =
  /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u23ce\u2500-\u25fc\u2713\u2717]*$/;
const plainAsciiLines = /^[\x20-\x7e\n]*$/;

/** Scripts with joining letters, which use ZWNJ and ZWJ to control the joining. */
const joiningScripts =
  "Arab Syrc Nkoo Mong Mand Adlm Rohg Phlp Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Tibt Mymr Khmr Bali Java Cham Tavt";

/** Compiles patterns for the first text that needs them, because reading Unicode's tables costs 3 ms. */
function makePatterns() {
  const joining = joiningScripts
    .split(" ")
    .map((script) => `\\p{scx=${script}}`)
    .join("");
  return {
    /**
     * Characters that act on a terminal or hide in a text: C0, DEL, C1, line and paragraph separators, bidi controls,
     * everything that Unicode ignores by default, annotation marks, lone surrogates. Variation selectors and joiners
     * can only be judged by their neighbours.
     */
    liveCharacter:
      /[\0-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}|\p{Surrogate}/gu,
    /** Marks and joiners on the same base character; more than eight are an attack on the lines above and below. */
    stackedMarks: /[\p{Mark}\u200c\u200d]{9,}/gu,
    endsInJoiningScript: new RegExp(`[${joining}]$`, "u"),
    beginsInJoiningScript: new RegExp(`^[${joining}]`, "u"),
    /** Written as alternatives, because a class with characters beyond U+FFFF before `$` never matches on Node 26. */
    endsInEmoji: /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?$/u,
    beginsWithEmoji: /^\p{Extended_Pictographic}/u,
    /** Flags of England, Scotland and Wales, which are written with tag characters. */
    tagFlag:
      /\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}/gu,
  };
}

let made: ReturnType<typeof makePatterns> | undefined;

function patterns(): ReturnType<typeof makePatterns> {
  made ??= makePatterns();
  return made;
}

const mostMarks = 8;

/** Encodes one live character. `codePoint` may be that of a lone surrogate. */
type Spelling = (codePoint: number, character: string) => string;

/** Encodes every character that acts or hides, and no others (src/output/README.md). */
export function spellLive(text: string, spell: Spelling): string {
  if (isPlain(text)) return text;
  return aroundTagFlags(text, (part) => spellPart(part, spell));
}

/** True if no character of `text` acts, hides, joins or stacks, and each takes one column. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

export function isPlainLines(text: string): boolean {
  return plainAsciiLines.test(text);
}

function spellPart(text: string, spell: Spelling): string {
  const { stackedMarks, liveCharacter } = patterns();
  const levelled = text.replace(stackedMarks, (run) => {
    const marks = [...run];
    const excess = marks.slice(mostMarks).map((mark) => spell(mark.codePointAt(0) ?? 0, mark));
    return marks.slice(0, mostMarks).join("") + excess.join("");
  });
  return levelled.replace(liveCharacter, (character, offset: number) => {
    if (isJoiner(character) && joins(character, levelled, offset)) return character;
    return spell(character.codePointAt(0) ?? 0, character);
  });
}

function isJoiner(character: string): boolean {
  return character === "\u200c" || character === "\u200d";
}

function joins(joiner: string, text: string, offset: number): boolean {
  const { endsInJoiningScript, beginsInJoiningScript, endsInEmoji, beginsWithEmoji } = patterns();
  const before = text.slice(Math.max(0, offset - 4), offset);
  const after = text.slice(offset + 1, offset + 3);
  if (joiner === "\u200d") {
    return endsInJoiningScript.test(before) || (endsInEmoji.test(before) && beginsWithEmoji.test(after));
  }
  return endsInJoiningScript.test(before) && beginsInJoiningScript.test(after);
}

function aroundTagFlags(text: string, change: (part: string) => string): string {
  if (!text.includes("\u{e007f}")) return change(text);
  const { tagFlag } = patterns();
  const flags = text.match(tagFlag) ?? [];
  return text
    .split(tagFlag)
    .map((part, index) => change(part) + (flags[index] ?? ""))
    .join("");
}

/**
 * Makes untrusted text safe to print on a terminal, yet readable. It is encoded, never stripped: stripping can leave
 * pieces that join into a live sequence. Every text from a server or a user passes through it before it is displayed. A
 * "block" keeps its line ends and tabs; a "cell" escapes them, so that a row stays on one line. Emoji and the world's
 * scripts pass unchanged, as does safe text.
 */
export function safe(text: string, kind: "cell" | "block"): string {
  return spellLive(text, (codePoint, character) => {
    if (character !== "\n" && character !== "\t") return spell(codePoint);
    return kind === "block" ? character : character === "\n" ? "\\n" : "\\t";
  });
}

function spell(codePoint: number): string {
  if (codePoint < 0x20 || codePoint === 0x7f) return `^${String.fromCharCode(codePoint ^ 0x40)}`;
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return "\ufffd";
  return `<U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}>`;
}
