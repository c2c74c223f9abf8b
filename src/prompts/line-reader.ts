import { StringDecoder } from "node:string_decoder";
import { innerController } from "../api/abort.js";
import type { Io } from "../context/context.js";
import { DeclinedError, InterruptedError } from "../errors/errors.js";
import { dropTyped, rawModeOf } from "./typed-text.js";

/** Bytes of a line at most: a terminal hands over no longer one, and what is beyond is lost. */
export const longestLineBytes = 4_095;

const backspaces = /[\b\x7f]/;

/**
 * Reads lines as the terminal itself edits and echoes them. A line of Esc alone ends it with DeclinedError, Ctrl-C,
 * Ctrl-D and a terminal that goes away with InterruptedError, an aborted signal with its reason.
 */
export class LineReader {
  readonly #stdin: Io["stdin"];
  readonly #decoder = new StringDecoder("utf8");
  readonly #ended: AbortController;
  readonly #onData = (chunk: Buffer | string) => this.#take(chunk);
  readonly #onEnd = () => this.#ended.abort(new InterruptedError());
  #lines: string[] = [];
  #rest = "";
  #wake: (() => void) | undefined;

  private constructor(
    stdin: Io["stdin"],
    ended: AbortController,
    private readonly isHidden: boolean,
  ) {
    this.#stdin = stdin;
    this.#ended = ended;
  }

  /** Opens it; what was typed before answers nothing. `isHidden`: without echo, for a key. */
  static async open(
    { stdin }: Pick<Io, "stdin">,
    {
      signal,
      own,
      isHidden = false,
    }: { signal: AbortSignal; own?: AbortSignal | undefined; isHidden?: boolean },
  ): Promise<LineReader> {
    signal.throwIfAborted();
    own?.throwIfAborted();
    if (stdin.readableEnded || stdin.destroyed) throw new InterruptedError();
    await dropTyped(stdin);
    signal.throwIfAborted();
    const reader = new LineReader(stdin, innerController(signal, own), isHidden);
    stdin.on("data", reader.#onData).once("end", reader.#onEnd).once("close", reader.#onEnd);
    if (isHidden) rawModeOf(stdin)?.(true);
    stdin.resume();
    return reader;
  }

  async next(): Promise<string> {
    const { signal } = this.#ended;
    while (this.#lines.length === 0) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    const line = this.#lines.shift() ?? "";
    if (line === "\x1b") throw new DeclinedError();
    return line;
  }

  close(): void {
    this.#stdin.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd);
    if (this.isHidden) rawModeOf(this.#stdin)?.(false);
    this.#stdin.pause();
    this.#ended.abort(new InterruptedError());
  }

  #take(chunk: Buffer | string): void {
    const text = typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
    if (this.isHidden && rawModeOf(this.#stdin) !== undefined) this.#takeKeys(text);
    else this.#rest += text;
    const lines = this.#rest.split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    this.#lines.push(...lines);
    if (lines.length > 0) this.#wake?.();
  }

  /** Edits a line without the terminal. */
  #takeKeys(text: string): void {
    for (const key of text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b./g, "")) {
      if (key === "\x03" || (key === "\x04" && this.#rest === "")) this.#onEnd();
      else if (backspaces.test(key)) this.#rest = [...this.#rest].slice(0, -1).join("");
      else if (key === "\x15") this.#rest = "";
      else if (key === "\x1b") this.#ended.abort(new DeclinedError());
      else if (key >= " " || key === "\r" || key === "\n") this.#rest += key;
    }
  }
}
