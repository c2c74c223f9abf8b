import { StringDecoder } from "node:string_decoder";
import type { Io } from "../context/context.js";
import { type Key, KeyDecoder } from "./key-decoder.js";
import { rawModeOf } from "./typed-text.js";

/** Milliseconds after a lone Esc in which its sequence may follow: a slow line sends one in parts. */
const escapeMs = 50;

/** Reads keys one by one, without the terminal's echo and line editing. Close it in a `finally`. */
export class KeyReader {
  readonly #keys = new KeyDecoder();
  readonly #text = new StringDecoder("utf8");
  readonly #stdin: Io["stdin"];
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;
  readonly #onData = (chunk: Buffer | string) => this.#take(chunk);

  constructor(
    { stdin }: Pick<Io, "stdin">,
    /** `ends`: the terminal went away. */
    private readonly listener: { key(key: Key): void; ends(): void },
  ) {
    this.#stdin = stdin;
  }

  static canRead({ stdin }: Pick<Io, "stdin">): boolean {
    return rawModeOf(stdin) !== undefined;
  }

  /** Opens it, also after `close`, and again while it is open: a shell may have changed the terminal's mode. */
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
    // What came behind a key that closed it isn't meant for whoever opens it next.
    for (const key of keys) if (this.#isOpen) this.listener.key(key);
  }
}
