/** Asks questions line by line, for terminals that can't be drawn on. */

import { StringDecoder } from "node:string_decoder";
import { innerController } from "../api/abort.js";
import type { Io } from "../context/context.js";
import type { PromptChoice, Prompts, TextVerdict } from "../context/prompts.js";
import { DeclinedError, InterruptedError } from "../errors/cli-errors.js";
import { safe } from "../output/safe.js";
import type { TypedText } from "./display.js";
import { editText } from "./editor.js";
import type { PromptOptions } from "./inquirer.js";
import { matchingChoiceLines, numberedChoice, pageSize, readChoice } from "./read-choice.js";
import { dropTyped, rawModeOf, savingTyped } from "./typed-text.js";

/** Maximum bytes in a line, because terminals discard the rest. */
const longestLineBytes = 4_095;

const backspaces = /[\b\x7f]/;

/**
 * Reads lines that the terminal itself edits and echoes. Throws DeclinedError if a line is only Esc, InterruptedError
 * on Ctrl-C, Ctrl-D or a closed terminal, and the reason of a signal that aborts.
 */
class LineReader {
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

  /** Opens the terminal and ignores keys typed before. `isHidden` turns echo off, for typing an API key. */
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

  /** Edits a line itself, because the terminal doesn't. */
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

/** The number of wrong answers after which the question is repeated. */
const mistakesBeforeHelp = 3;

type Said<T> = { value: T } | { refusal: string };

interface Asking<T> {
  /** The lines above the answer, printed at the start and again after three wrong answers. */
  lines: readonly string[];
  prompt: string;
  /** If the prompt isn't the question, the line above it after Ctrl-Z and `fg`. */
  question?: string;
  read(reader: LineReader): Promise<Said<T>>;
  own?: AbortSignal | undefined;
  isHidden?: boolean;
}

/** Questions for screen readers, and for terminals without cursor control (src/output/README.md, "Accessible mode"). */
export function createLinePrompts(options: PromptOptions): Prompts {
  return {
    input: (question) => askText(options, question),
    multiline: (question) => askLines(options, question),
    password: ({ message }) =>
      ask(options, {
        lines: ["your input isn't shown"],
        prompt: message,
        isHidden: true,
        read: async (reader) => {
          const value = await reader.next();
          say(options, "");
          return { value };
        },
      }),
    confirm: ({ message, default: byDefault = false }) =>
      ask(options, {
        lines: [],
        prompt: `${message} (y or n, empty means ${byDefault ? "y" : "n"})`,
        read: async (reader) => readConfirmation(await reader.next(), byDefault),
      }),
    pick: async (question) => {
      const [only] = await pick(options, { ...question, isSeveral: false });
      if (only === undefined) throw new InterruptedError();
      return only;
    },
    pickSeveral: (question) => pick(options, { ...question, isSeveral: true }),
    edit: (question) =>
      editText({ ...question, env: options.editorEnv, stdoutIsTty: options.io.stdoutIsTty }),
  };
}

/** Asks until an answer is accepted, or the user leaves with Esc. */
async function ask<T>(options: PromptOptions, asking: Asking<T>): Promise<T> {
  const { lines, prompt, read, own, isHidden } = asking;
  const reader = await LineReader.open(options.io, { signal: options.signal, own, isHidden });
  const stopRepeating = repeatWhenContinued(options, asking);
  try {
    for (const line of lines) say(options, line);
    for (let wrong = 1; ; wrong += 1) {
      writePrompt(options, prompt);
      const said = await read(reader);
      if ("value" in said) return said.value;
      say(options, said.refusal);
      if (wrong % mistakesBeforeHelp === 0)
        for (const line of [...lines, "Esc, then Enter: leave"]) say(options, line);
    }
  } catch (error) {
    // Ends the line on which there is no answer.
    write(options, "\n");
    throw error;
  } finally {
    stopRepeating();
    reader.close();
  }
}

/** Prints the question again each time the process continues after Ctrl-Z, until the returned function is called. */
function repeatWhenContinued(
  options: PromptOptions,
  { question, prompt }: Pick<Asking<unknown>, "question" | "prompt">,
): () => void {
  let wasStopped = false;
  const onStop = () => {
    wasStopped = true;
  };
  // May be called twice for each stop.
  const onContinue = () => {
    if (!wasStopped) return;
    wasStopped = false;
    if (question !== undefined) say(options, question);
    writePrompt(options, prompt);
  };
  return options.jobControl?.listen({ onStop, onContinue }) ?? (() => undefined);
}

async function askText(
  options: PromptOptions,
  { message, default: byDefault, validate, preview, savesText, signal }: Parameters<Prompts["input"]>[0],
): Promise<string> {
  const examples = await previewOf(preview, byDefault ?? "");
  const typed: TypedText = { text: () => "" };
  const answer = ask(options, {
    lines: examples === "" ? [] : [examples],
    prompt: byDefault ? `${message} (empty means ${byDefault})` : message,
    own: signal,
    read: async (reader) => {
      const line = await reader.next();
      const text = line || (byDefault ?? "");
      typed.text = () => line;
      const said = await judge(text, validate, line);
      const meaning = "value" in said ? await previewOf(preview, text) : "";
      if (meaning !== "" && meaning !== examples) say(options, meaning);
      return said;
    },
  });
  return savesText === true ? savingTyped(options.saveText, typed, answer) : answer;
}

async function previewOf(preview: Parameters<Prompts["input"]>[0]["preview"], text: string): Promise<string> {
  try {
    return (await preview?.(text)) ?? "";
  } catch {
    return "";
  }
}

/** Reads lines, including empty ones, until a line with only a full stop. */
async function askLines(
  options: PromptOptions,
  { message, default: byDefault = "", validate }: Parameters<Prompts["multiline"]>[0],
): Promise<string> {
  const keepsHint = byDefault === "" ? [] : ["to keep the old text, enter nothing"];
  let lines: string[] = [];
  const answer = ask<string | undefined>(options, {
    lines: ["type line by line; a full stop alone on a line ends it, .edit opens your editor", ...keepsHint],
    prompt: message,
    read: async (reader) => {
      lines = [];
      write(options, "\n");
      for (;;) {
        const line = await reader.next();
        if (line === ".edit") return { value: undefined };
        if (line === ".") break;
        if (isCutOff(line)) return { refusal: tooLong };
        lines.push(line);
      }
      return judge(lines.join("\n") || byDefault, validate, "");
    },
  });
  const text = await savingTyped(options.saveText, { text: () => lines.join("\n") }, answer);
  if (text !== undefined) return text;
  const edited = await editText({
    text: lines.join("\n") || byDefault,
    isTyped: lines.length > 0,
    env: options.editorEnv,
    stdoutIsTty: options.io.stdoutIsTty,
  });
  const verdict = (await validate?.(edited.trimEnd())) ?? true;
  if (verdict === true) return edited.trimEnd();
  say(options, verdict);
  return askLines(options, { message, default: edited.trimEnd(), validate });
}

async function judge(
  text: string,
  validate: ((text: string) => TextVerdict | Promise<TextVerdict>) | undefined,
  line: string,
): Promise<Said<string>> {
  if (isCutOff(line)) return { refusal: tooLong };
  const verdict = (await validate?.(text)) ?? true;
  return verdict === true ? { value: text } : { refusal: verdict };
}

const tooLong = `a line of ${longestLineBytes} bytes or more is cut off by the terminal: break it, or give a file`;

function isCutOff(line: string): boolean {
  return Buffer.byteLength(line) >= longestLineBytes;
}

function readConfirmation(line: string, byDefault: boolean): Said<boolean> {
  const word = line.trim().toLowerCase();
  if (word === "") return { value: byDefault };
  if (word === "y" || word === "yes") return { value: true };
  if (word === "n" || word === "no") return { value: false };
  return { refusal: "y or n, please" };
}

async function pick<T>(
  options: PromptOptions,
  { message, choices, isSeveral }: { message: string; choices: PromptChoice<T>[]; isSeveral: boolean },
): Promise<T[]> {
  let shown = 0;
  const page = (): string[] => {
    const from = shown >= choices.length ? 0 : shown;
    shown = Math.min(choices.length, from + pageSize);
    const indexes = choices.slice(from, shown).map((_choice, at) => from + at);
    return [...indexes.map((index) => numberedChoice(choices, index)), `${shown} of ${choices.length} shown`];
  };
  const how = isSeveral ? "numbers such as 1,3-5, all, or a name" : "a number or a name";
  const more = choices.length > pageSize ? `; more shows the next ${pageSize}` : "";
  return ask(options, {
    lines: [message, ...page(), `type ${how}${more}; Esc, then Enter: leave`],
    question: message,
    prompt: choicePrompt,
    read: async (reader) => {
      for (;;) {
        const answer = readChoice(await reader.next(), choices, { isSeveral });
        if ("indexes" in answer) return { value: valuesAt(choices, answer.indexes) };
        if ("refusal" in answer) return answer;
        const lines = "show" in answer ? matchingChoiceLines(choices, answer.show) : page();
        for (const line of lines) say(options, line);
        writePrompt(options, choicePrompt);
      }
    },
  });
}

const choicePrompt = "your choice";

function valuesAt<T>(choices: readonly PromptChoice<T>[], indexes: readonly number[]): T[] {
  return choices.filter((_choice, index) => indexes.includes(index)).map(({ value }) => value);
}

function say(options: PromptOptions, text: string): void {
  write(options, `${safe(text, "block")}\n`);
}

function writePrompt(options: PromptOptions, prompt: string): void {
  write(options, `${safe(prompt, "block")}: `);
}

function write({ io }: PromptOptions, text: string): void {
  io.stderr.write(text);
}
