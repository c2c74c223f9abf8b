import type * as Yaml from "yaml";
import { Lines } from "./lines.js";
import type { FilePlace, Mistakes } from "./mistake.js";
import type { Source } from "./sources.js";

/** A manifest's text as a tree that knows where everything stands. JSON is read as the YAML that it is. */
export type ManifestNode = MapNode | ListNode | ScalarNode | RefusedNode;

interface MapNode {
  kind: "map";
  place: FilePlace;
  /** As written, duplicates included. */
  entries: { key: ScalarNode; value: ManifestNode }[];
}

export interface ListNode {
  kind: "list";
  place: FilePlace;
  items: ManifestNode[];
}

export interface ScalarNode {
  kind: "scalar";
  place: FilePlace;
  value: string | number | boolean | null;
  /** As written, quotes included. */
  written: string;
  /** Where in the file the scalar's nth `${` stands, from 0; escapes apart, it holds as many as its source, in the same order. */
  placeOfVariable(index: number): FilePlace;
  /** Where a piece of its text stands, if it is written as it is read. */
  placeOfPiece(piece: string): FilePlace;
}

/** What a manifest doesn't take, an alias or a tag; it was told already. */
interface RefusedNode {
  kind: "refused";
  place: FilePlace;
}

/** Levels of lists and maps in each other (src/manifest/README.md, "Files that are bad, or bad on purpose"). */
const mostDepth = 32;
/** Words, marks and line ends: ten times what 1,000 automations take, and read in a fraction of a second. */
const mostLexemes = 100_000;
const mostErrors = 20;

const syntaxMessages = new Map<Yaml.ErrorCode, string>([
  ["BLOCK_AS_IMPLICIT_KEY", 'a second `: ` in one line; text that holds `: ` goes into "…"'],
  ["TAB_AS_INDENT", "a tab as indentation; YAML takes spaces"],
  ["NON_STRING_KEY", "a key must be text"],
]);

/** Reads one manifest's text; gives nothing where that can't be done. What is wrong goes to `mistakes`. */
export async function readDocument(source: Source, mistakes: Mistakes): Promise<ManifestNode | undefined> {
  // Bundled, a CommonJS module has its default export alone.
  const { default: yaml } = await import("yaml");
  return new DocumentReader({ yaml, source, mistakes }).read();
}

type YamlLibrary = (typeof Yaml)["default"];

class DocumentReader {
  readonly #yaml: YamlLibrary;
  readonly #source: Source;
  readonly #mistakes: Mistakes;
  readonly #lines: Lines;

  constructor({ yaml, source, mistakes }: { yaml: YamlLibrary; source: Source; mistakes: Mistakes }) {
    this.#yaml = yaml;
    this.#source = source;
    this.#mistakes = mistakes;
    this.#lines = new Lines(source.file, source.text);
  }

  read(): ManifestNode | undefined {
    const tokens = this.#findForbidden() ? undefined : this.#tokenize();
    const document = tokens === undefined ? undefined : this.#compose(tokens);
    if (document === undefined) return undefined;
    if (document.contents !== null) return this.#convert(document.contents);
    this.#add(0, "there is nothing in it", "a manifest begins with `automations:`");
    return undefined;
  }

  /** Characters that YAML forbids, or that an editor shows as another line than we would count. */
  #findForbidden(): boolean {
    const { text } = this.#source;
    const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]|\r(?!\n)/.exec(text);
    if (found === null) return false;
    const code = (text.codePointAt(found.index) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    const what = found[0] === "\r" ? "a carriage return without a line feed" : `the character U+${code}`;
    this.#add(found.index, `${what} can't stand in a manifest`);
    return true;
  }

  /** The parser keeps its open levels in a stack; the composer after it would recurse once for each. */
  #tokenize(): Yaml.CST.Token[] | undefined {
    const parser = new this.#yaml.Parser();
    const tokens: Yaml.CST.Token[] = [];
    let count = 0;
    for (const lexeme of new this.#yaml.Lexer().lex(this.#source.text)) {
      tokens.push(...parser.next(lexeme));
      count += 1;
      const problem = findExcess({ count, lexeme, depth: parser.stack.length });
      if (problem !== undefined) {
        this.#add(parser.offset - lexeme.length, problem);
        return undefined;
      }
    }
    tokens.push(...parser.end());
    return tokens;
  }

  #compose(tokens: Yaml.CST.Token[]): Yaml.Document.Parsed | undefined {
    for (const token of tokens) {
      if (token.type === "directive") this.#add(token.offset, "a manifest takes no YAML directives");
    }
    const composer = new this.#yaml.Composer({
      version: "1.2",
      schema: "core",
      resolveKnownTags: false,
      stringKeys: true,
      // By comparison of all with all; here they are told apart while the tree is read.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    const [document, second] = composer.compose(tokens, true, this.#source.text.length);
    if (second !== undefined) {
      this.#add(second.range[0], "a second document", "give each a file of its own");
      return undefined;
    }
    for (const error of document?.errors.slice(0, mostErrors) ?? []) {
      this.#add(error.pos[0], syntaxMessages.get(error.code) ?? firstLine(error.message));
    }
    return document === undefined || document.errors.length > 0 ? undefined : document;
  }

  #convert(node: Yaml.ParsedNode): ManifestNode {
    const [start, end] = node.range;
    const place = this.#lines.placeAt(start);
    if (this.#yaml.isAlias(node)) {
      this.#add(start, `*${node.source} is an alias, which a manifest doesn't take`, "write it out");
      return { kind: "refused", place };
    }
    if (node.tag !== undefined) {
      this.#add(start, `${node.tag} is a tag, which a manifest doesn't take`);
      return { kind: "refused", place };
    }
    if (this.#yaml.isMap(node)) {
      return { kind: "map", place, entries: node.items.map((pair) => this.#convertPair(pair)) };
    }
    if (this.#yaml.isSeq(node)) {
      return { kind: "list", place, items: node.items.map((item) => this.#convert(item)) };
    }
    return this.#convertScalar(start, { end, value: node.value });
  }

  #convertPair({
    key,
    value,
  }: Yaml.Pair<Yaml.ParsedNode, Yaml.ParsedNode | null>): MapNode["entries"][number] {
    const [start, end] = key.range;
    const name = this.#convertScalar(start, { end, value: this.#yaml.isScalar(key) ? key.value : null });
    return { key: name, value: value === null ? { ...name, value: null } : this.#convert(value) };
  }

  #convertScalar(start: number, { end, value }: { end: number; value: unknown }): ScalarNode {
    const written = this.#source.text.slice(start, end);
    return {
      kind: "scalar",
      place: this.#lines.placeAt(start),
      value: scalarValue(value),
      written,
      placeOfVariable: (index) => this.#lines.placeOfVariable(index, start),
      placeOfPiece: (piece) => this.#lines.placeOfPiece(piece, start),
    };
  }

  #add(offset: number, message: string, suggestion?: string): void {
    this.#mistakes.add({ place: this.#lines.placeAt(offset), message, suggestion });
  }
}

/** What is too much to be read on, if anything is. */
function findExcess({
  count,
  lexeme,
  depth,
}: {
  count: number;
  lexeme: string;
  depth: number;
}): string | undefined {
  if (depth > mostDepth + 1) return `more than ${mostDepth} levels of lists and maps in each other`;
  if (count > mostLexemes) return "more than one manifest may hold; split it into several files";
  if (lexeme.startsWith('"') && countWrongEscapes(lexeme) > mostErrors)
    return "text with many wrong escapes before this";
  return undefined;
}

function countWrongEscapes(quoted: string): number {
  const pairs = quoted.match(/\\[\s\S]/g) ?? [];
  return pairs.filter((pair) => !/^\\[0abtnvfre "/\\N_LPxuU\t\r\n]$/.test(pair)).length;
}

function scalarValue(value: unknown): ScalarNode["value"] {
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isPlain ? value : null;
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}
