/** Reads and decodes the keys of a terminal. */

import { StringDecoder } from "node:string_decoder";
import type { Io } from "../context/context.js";
import { rawModeOf } from "./typed-text.js";

/** After a lone Esc, how many ms to wait for the rest of a sequence, which a slow line sends in parts. */
const escapeMs = 50;

/** Reads keys one by one, while the terminal's own echo and line editing are off. Close it in a `finally`. */
export class KeyReader {
  readonly #keys = new KeyDecoder();
  readonly #text = new StringDecoder("utf8");
  readonly #stdin: Io["stdin"];
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;
  readonly #onData = (chunk: Buffer | string) => this.#take(chunk);

  constructor(
    { stdin }: Pick<Io, "stdin">,
    /** `ends` is called when the terminal is closed. */
    private readonly listener: { key(key: Key): void; ends(): void },
  ) {
    this.#stdin = stdin;
  }

  static canRead({ stdin }: Pick<Io, "stdin">): boolean {
    return rawModeOf(stdin) !== undefined;
  }

  /** Opens the terminal, even after `close` or when it is open, because a shell may have changed its mode. */
  open(): void {
    const setRawMode = rawModeOf(this.#stdin);
    setRawMode?.(false);
    setRawMode?.(true);
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#stdin.on("data", this.#onData).once("end", this.listener.ends).once("close", this.listener.ends);
    this.#stdin.resume();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#stdin.off("data", this.#onData).off("end", this.listener.ends).off("close", this.listener.ends);
    rawModeOf(this.#stdin)?.(false);
    this.#stdin.pause();
  }

  #take(chunk: Buffer | string): void {
    clearTimeout(this.#timer);
    const text = typeof chunk === "string" ? chunk : this.#text.write(chunk);
    this.#emit(this.#keys.feed(text));
    if (this.#keys.isOpen) this.#timer = setTimeout(() => this.#emit(this.#keys.flush()), escapeMs);
  }

  #emit(keys: readonly Key[]): void {
    // Keys after that aren't meant for the next reader.
    for (const key of keys) if (this.#isOpen) this.listener.key(key);
  }
}

/** A key, or text that was typed or pasted in one piece. */
export type Key =
  | { name: KeyName }
  /** One character, or a grapheme that arrived in one piece. */
  | { name: "text"; text: string }
  | { name: "pasted"; text: string };

type KeyName =
  | "up"
  | "down"
  | "page up"
  | "page down"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "backspace"
  | "ctrl-c"
  | "ctrl-l"
  | "ctrl-u"
  | "ctrl-z";

const controls = new Map<string, KeyName>([
  ["\r", "enter"],
  ["\n", "enter"],
  ["\b", "backspace"],
  ["\x7f", "backspace"],
  ["\x03", "ctrl-c"],
  ["\x0c", "ctrl-l"],
  ["\x15", "ctrl-u"],
  ["\x1a", "ctrl-z"],
]);

/** Keys by the last letter of a sequence, or its number before `~`, as xterm, rxvt and the Linux console send them. */
const sequences = new Map<string, KeyName>([
  ["A", "up"],
  ["B", "down"],
  ["H", "home"],
  ["F", "end"],
  ["1~", "home"],
  ["7~", "home"],
  ["4~", "end"],
  ["8~", "end"],
  ["5~", "page up"],
  ["6~", "page down"],
]);

const esc = "\x1b";
const pasteBegins = "\x1b[200~";
const pasteEnds = "\x1b[201~";
/** `ESC [ 1 ; 5 A`, `ESC O A`, or Esc and any other letter. */
const sequence = /^\x1b(?:\[([0-9;?<>=]*)[ -/]*([@-~])|O([ -~])|([^[O]))/s;
/** Maximum characters of a paste, because it may never end. */
const longestPaste = 10_000;

/**
 * Decodes a terminal's bytes into keys. Drops unknown sequences whole, so that their letters aren't taken for keys.
 * Accepts text in any pieces, because a sequence may arrive split.
 * @internal
 */
export class KeyDecoder {
  #rest = "";

  feed(text: string): Key[] {
    this.#rest += text;
    const keys: Key[] = [];
    for (let key = this.#next(); key !== undefined; key = this.#next()) if (key !== "nothing") keys.push(key);
    return keys;
  }

  /** True if the input so far could be the start of a longer key. */
  get isOpen(): boolean {
    return this.#rest !== "";
  }

  /** Stops waiting: returns a lone Esc as a key, and drops any other incomplete sequence. */
  flush(): Key[] {
    if (this.#rest.startsWith(pasteBegins)) return [];
    const isEscape = this.#rest === esc;
    this.#rest = "";
    return isEscape ? [{ name: "escape" }] : [];
  }

  #next(): Key | "nothing" | undefined {
    if (this.#rest === "") return undefined;
    if (this.#rest.startsWith(pasteBegins)) return this.#paste();
    if (this.#rest.startsWith(esc)) return this.#sequence();
    const [character = ""] = this.#rest;
    this.#rest = this.#rest.slice(character.length);
    const name = controls.get(character);
    if (name !== undefined) return { name };
    return character < " " ? "nothing" : { name: "text", text: character };
  }

  #paste(): Key | undefined {
    const end = this.#rest.indexOf(pasteEnds);
    if (end === -1 && this.#rest.length < longestPaste) return undefined;
    const text = this.#rest.slice(pasteBegins.length, end === -1 ? undefined : end);
    this.#rest = end === -1 ? "" : this.#rest.slice(end + pasteEnds.length);
    return { name: "pasted", text };
  }

  #sequence(): Key | "nothing" | undefined {
    if (this.#rest.startsWith(`${esc}${esc}`) || this.#rest.startsWith(`${esc}\x03`)) {
      this.#rest = this.#rest.slice(1);
      return { name: "escape" };
    }
    const found = sequence.exec(this.#rest);
    if (found === null) return undefined;
    const [whole, parameters = "", final, applicationFinal] = found;
    this.#rest = this.#rest.slice(whole.length);
    const [number = ""] = parameters.split(";");
    const name = sequences.get(final === "~" ? `${number}~` : (final ?? applicationFinal ?? ""));
    return name === undefined ? "nothing" : { name };
  }
}
