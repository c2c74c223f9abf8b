import type * as Yaml from "yaml";
import { excerpt, type FilePosition, Lines, type Mistake, type Mistakes } from "../mistake.js";
import type { Source } from "./sources.js";

/** A manifest's tree, with positions. JSON is read as YAML. */
export type ManifestNode =
  | { kind: "map"; position: FilePosition; entries: MapEntry[] }
  | { kind: "list"; position: FilePosition; items: ManifestNode[] }
  | ScalarNode
  /** An alias or a tag, which has already been reported. */
  | { kind: "refused"; position: FilePosition };

interface MapEntry {
  key: ScalarNode;
  value: ManifestNode;
}

export interface ScalarNode {
  kind: "scalar";
  position: FilePosition;
  value: string | number | boolean | null;
  written: string;
  /** The lines of its source, which contain the same `${` in the same order, apart from escapes. */
  lines: Lines;
  start: number;
}

/** Maximum nesting of lists and maps (src/manifest/README.md, "Files that are bad, or bad on purpose"). */
const mostDepth = 32;
/** Maximum words, marks and line ends: ten times as many as in 1,000 automations, still read in under a second. */
const mostLexemes = 100_000;
const mostErrors = 20;
const tooDeep = `more than ${mostDepth} levels of nested lists and maps`;
const tooMuch = "more text than a manifest of 1,000 automations has; split it into several files";

/** Reads a manifest's text; undefined if that fails. Adds mistakes to `mistakes`. */
export async function readDocument(source: Source, mistakes: Mistakes): Promise<ManifestNode | undefined> {
  // When bundled, a CommonJS module has only a default export.
  const { default: yaml } = await import("yaml");
  return new DocumentReader(yaml, source, mistakes).read();
}

type YamlLibrary = (typeof Yaml)["default"];

class DocumentReader {
  readonly #lines: Lines;

  constructor(
    private readonly yaml: YamlLibrary,
    private readonly source: Source,
    private readonly mistakes: Mistakes,
  ) {
    this.#lines = new Lines(source.file, source.text);
  }

  read(): ManifestNode | undefined {
    const tokens = this.#findForbidden() || this.#findConflicts() ? undefined : this.#tokenize();
    const document = tokens === undefined ? undefined : this.#compose(tokens);
    if (document === undefined) return undefined;
    if (document.contents !== null) return this.#convert(document.contents);
    this.#add(0, "it is empty", this.source.what ? undefined : "a manifest starts with `automations:`");
    return undefined;
  }

  get #what(): string {
    return this.source.what ?? "a manifest";
  }

  /** Finds characters that YAML forbids, or that an editor treats as a line end. */
  #findForbidden(): boolean {
    const { text } = this.source;
    const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]|\r(?!\n)/.exec(text);
    if (found === null) return false;
    const code = (text.codePointAt(found.index) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    const what = found[0] === "\r" ? "a carriage return without a line feed" : `the character U+${code}`;
    this.#add(found.index, `${what} isn't allowed in ${this.#what}`);
    return true;
  }

  /** Finds the conflict blocks that a merge left, each of which is one mistake. */
  #findConflicts(): boolean {
    let start: number | undefined;
    let count = 0;
    for (const { index, 0: mark } of this.source.text.matchAll(/^(?:<{7}|>{7})(?= |\r?$)/gm)) {
      if (mark.startsWith("<")) start ??= index;
      else if (start !== undefined) {
        if (count < mostErrors)
          this.#add(start, "a merge conflict", "keep the text that you want, without the markers");
        count += 1;
        start = undefined;
      }
    }
    return count > 0;
  }

  /** Uses the parser's stack to limit nesting, because the composer recurses once per level. */
  #tokenize(): Yaml.CST.Token[] | undefined {
    const parser = new this.yaml.Parser();
    const tokens: Yaml.CST.Token[] = [];
    let count = 0;
    for (const lexeme of new this.yaml.Lexer().lex(this.source.text)) {
      tokens.push(...parser.next(lexeme));
      count += 1;
      const problem =
        (parser.stack.length > mostDepth + 1 && tooDeep) ||
        (count > mostLexemes && tooMuch) ||
        whatIsWrongInQuotes(lexeme);
      if (problem) {
        this.#add(parser.offset - lexeme.length, problem);
        return undefined;
      }
    }
    tokens.push(...parser.end());
    return tokens;
  }

  #compose(tokens: Yaml.CST.Token[]): Yaml.Document.Parsed | undefined {
    for (const token of tokens) {
      if (token.type === "directive") this.#add(token.offset, `${this.#what} can't contain YAML directives`);
    }
    const composer = new this.yaml.Composer({
      version: "1.2",
      schema: "core",
      resolveKnownTags: false,
      stringKeys: true,
      // The library would compare each key with all others; we compare keys while the tree is read.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    const [document, second] = composer.compose(tokens, true, this.source.text.length);
    if (second !== undefined && second.toJS() !== null) {
      this.#add(second.range[0], "a second document", "give each a file of its own");
      return undefined;
    }
    this.#addSyntaxErrors(document?.errors ?? []);
    return document === undefined || document.errors.length > 0 ? undefined : document;
  }

  /** Adds each mistake once, as a person would count them. */
  #addSyntaxErrors(errors: readonly Yaml.YAMLParseError[]): void {
    for (const error of errors.slice(0, mostErrors)) {
      const { offset, message, suggestion } = syntaxMistake(error, this.source.text);
      this.#add(offset, message, suggestion);
    }
  }

  #convert(node: Yaml.ParsedNode): ManifestNode {
    const [start, end] = node.range;
    const position = this.#lines.positionAt(start);
    if (this.yaml.isAlias(node)) {
      this.#add(start, `*${node.source} is an alias, which ${this.#what} can't contain`, "write it out");
      return { kind: "refused", position };
    }
    if (node.tag !== undefined) {
      const tag = node.tag.replace(/^tag:yaml\.org,2002:/, "!!");
      this.#add(start, `${tag} is a tag, which ${this.#what} can't contain`);
      return { kind: "refused", position };
    }
    if (this.yaml.isMap(node)) {
      return { kind: "map", position, entries: node.items.map((pair) => this.#convertPair(pair)) };
    }
    if (this.yaml.isSeq(node)) {
      return { kind: "list", position, items: node.items.map((item) => this.#convert(item)) };
    }
    return this.#convertScalar(start, { end, value: node.value });
  }

  #convertPair({ key, value }: Yaml.Pair<Yaml.ParsedNode, Yaml.ParsedNode | null>): MapEntry {
    const [start, end] = key.range;
    const name = this.#convertScalar(start, { end, value: this.yaml.isScalar(key) ? key.value : null });
    return { key: name, value: value === null ? { ...name, value: null } : this.#convert(value) };
  }

  #convertScalar(start: number, { end, value }: { end: number; value: unknown }): ScalarNode {
    return {
      kind: "scalar",
      position: this.#lines.positionAt(start),
      value: scalarValue(value),
      written: this.source.text.slice(start, end),
      lines: this.#lines,
      start,
    };
  }

  #add(offset: number, message: string, suggestion?: string): void {
    this.mistakes.add({ position: this.#lines.positionAt(offset), message, suggestion });
  }
}

function scalarValue(value: unknown): ScalarNode["value"] {
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isPlain ? value : null;
}

/** Finds an unclosed quote, or too many invalid escapes to report each. */
function whatIsWrongInQuotes(lexeme: string): string | undefined {
  const isDouble = lexeme.startsWith('"');
  if (!isDouble && !lexeme.startsWith("'")) return undefined;
  const end = isDouble ? /(?<!\\)(?:\\\\)*"$/ : /(?<!')(?:'')*'$/;
  if (!end.test(lexeme.slice(1))) return "a quote that isn't closed";
  const pairs = isDouble ? (lexeme.match(/\\[\s\S]/g) ?? []) : [];
  const wrong = pairs.filter((pair) => !/^\\[0abtnvfre "/\\N_LPxuU\t\r\n]$/.test(pair));
  return wrong.length > mostErrors ? "too many invalid escapes before this" : undefined;
}

type TextMistake = Omit<Mistake, "position"> & { offset: number };

const messages = new Map<Yaml.ErrorCode, string>([
  ["BLOCK_AS_IMPLICIT_KEY", 'a second `: ` on one line; text that contains `: ` needs quotes: "…"'],
  ["TAB_AS_INDENT", "a tab as indentation; YAML needs spaces"],
  ["NON_STRING_KEY", 'a key must be text; text that starts with { or [ needs quotes: "…"'],
]);

/** How the library's messages about a missing character start; all of them share one code. */
const missing: readonly [begins: string, message: string][] = [
  ["Sequence item", "a list's item needs `- ` before it"],
  ["Implicit map keys", "a key needs `: ` after it"],
];

/** An unquoted cron expression, which YAML reads as an alias. */
const bareCron = /^([ \t]*(?:- +)?[\w"']+:[ \t]+)(\*\S*(?:[ \t]+[\w*/,-]+){4})[ \t]*(?:#.*)?\r?$/;

/** Explains the parser's error; an unquoted cron expression causes several, which map to the same mistake. */
function syntaxMistake({ pos: [offset], code, message }: Yaml.YAMLParseError, text: string): TextMistake {
  const cron = bareCronAt(offset, text);
  if (cron !== undefined) return cron;
  if (code === "BAD_SCALAR_START") return wrongStart(offset, text);
  const says = missing.find(([begins]) => message.startsWith(begins))?.[1] ?? messages.get(code);
  return { offset, message: says ?? message.replace(/\n[\s\S]*/, "") };
}

function bareCronAt(offset: number, text: string): TextMistake | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const [, before, cron] = bareCron.exec(text.slice(start, lineEnd(offset, text))) ?? [];
  if (before === undefined || cron === undefined) return undefined;
  const suggestion = `put the cron in quotes: "${cron}"`;
  return { offset: start + before.length, message: "in YAML, * starts an alias", suggestion };
}

/** `@daily`, `%name` and the like; the hint contains the text if that is all of the rest of the line. */
function wrongStart(offset: number, text: string): TextMistake {
  const [, whole] = /^([^"\\,{}[\]#\r]*?)\s*(?:#.*)?$/.exec(text.slice(offset, lineEnd(offset, text))) ?? [];
  const suggestion = `put it in quotes${whole ? `: "${excerpt(whole)}"` : ""}`;
  return { offset, message: `in YAML, text can't start with ${text[offset]}`, suggestion };
}

function lineEnd(offset: number, text: string): number | undefined {
  const end = text.indexOf("\n", offset);
  return end === -1 ? undefined : end;
}
