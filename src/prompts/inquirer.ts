import { innerController } from "../api/abort.js";
import type { Context, Io, JobControl, SaveText } from "../context/context.js";
import type { PromptChoice, Prompts } from "../context/prompts.js";
import { DeclinedError, InterruptedError } from "../errors/cli-errors.js";
import { believableWidth } from "../output/sink.js";
import { loadStyle } from "../output/style.js";
import { type PromptDisplay, questionText, type TypedText } from "./display.js";
import { type Environment, editText } from "./editor.js";
import { dropTyped, keepOpen, repeatingTheme, savingTyped } from "./typed-text.js";

export interface PromptOptions {
  io: Io;
  signal: Context["signal"];
  editorEnv: Environment;
  /** Saves the text of an interrupted question, and returns the path. */
  saveText: SaveText;
  /** Keeps a question open after Ctrl-Z. */
  jobControl?: JobControl | undefined;
}

interface PromptContext {
  input: Io["stdin"];
  output: Io["stderr"];
  signal: AbortSignal;
  /** Ends the question as a "no" does; called for Esc. */
  leave(): void;
}

interface ChoiceQuestion<T> {
  message: string;
  choices: PromptChoice<T>[];
}

/** Prompts on a terminal: inquirer's, shown one at a time, each loaded when it is needed. */
export function createDrawnPrompts(options: PromptOptions): Prompts {
  return {
    input: async ({ signal, savesText, ...question }) => {
      const [{ askInput }, display] = await Promise.all([import("./input.js"), displayOf(options.io)]);
      const typed: TypedText = { text: () => "" };
      const asked = (context: PromptContext) =>
        askInput({ ...question, typed, display, leave: context.leave }, context);
      const answer = ask(options, asked, signal);
      return savesText === true ? savingTyped(options.saveText, typed, answer) : answer;
    },
    multiline: (question) => askLines(options, question),
    password: async ({ message }) => {
      const [{ password }, display] = await Promise.all([
        import("./standard-prompts.js"),
        displayOf(options.io),
      ]);
      const config = { message: questionText(message, display), mask: "*", toggleMask: false };
      return ask(options, (context) =>
        password({ ...config, theme: repeatingTheme(display, context.leave) }, context),
      );
    },
    confirm: async ({ message, default: byDefault = false }) => {
      const [{ confirm }, display] = await Promise.all([
        import("./standard-prompts.js"),
        displayOf(options.io),
      ]);
      const config = { message: questionText(message, display), default: byDefault };
      await dropTyped(options.io.stdin);
      return ask(options, (context) =>
        confirm({ ...config, theme: repeatingTheme(display, context.leave) }, context),
      );
    },
    pick: (question) => pickOne(options, question),
    pickSeveral: (question) => pick(options, { ...question, isSeveral: true }),
    edit: (question) => openEditor(options, question),
  };
}

async function pick<T>(
  options: PromptOptions,
  { message, choices, isSeveral }: ChoiceQuestion<T> & { isSeveral: boolean },
): Promise<T[]> {
  const [{ askPick }, display] = await Promise.all([import("./pick.js"), displayOf(options.io)]);
  const numbered = choices.map((choice, value) => ({ ...choice, value }));
  const chosen = await ask(options, (context) =>
    askPick({ message, choices: numbered, isSeveral, display, leave: context.leave }, context),
  );
  return choices.filter((_choice, index) => chosen.includes(index)).map(({ value }) => value);
}

async function pickOne<T>(options: PromptOptions, question: ChoiceQuestion<T>): Promise<T> {
  const [only] = await pick(options, { ...question, isSeveral: false });
  if (only === undefined) throw new InterruptedError();
  return only;
}

async function askLines(
  options: PromptOptions,
  question: Parameters<Prompts["multiline"]>[0],
): Promise<string> {
  const [{ askMultiline, markPaste }, display] = await Promise.all([
    import("./multiline.js"),
    displayOf(options.io),
  ]);
  const { message, validate } = question;
  let text = question.default ?? "";
  let refusal = "";
  for (;;) {
    options.io.stderr.write(markPaste.on);
    const typed: TypedText = { text: () => "" };
    const asked = ask(options, (context) =>
      askMultiline({ message, text, refusal, validate, typed, display, leave: context.leave }, context),
    ).finally(() => options.io.stderr.write(markPaste.off));
    // Text that comes from the editor counts as typed as well.
    const own: TypedText = { text: () => typed.text() || (text === question.default ? "" : text) };
    const answer = await savingTyped(options.saveText, own, asked);
    if (!answer.opensEditor) return answer.text;
    const isTyped = answer.text !== question.default;
    text = (await openEditor(options, { text: answer.text, isTyped })).trimEnd();
    const verdict = (await validate?.(text)) ?? true;
    if (verdict === true) return text;
    refusal = verdict;
  }
}

function openEditor(
  { io, editorEnv }: PromptOptions,
  question: Parameters<Prompts["edit"]>[0] & { isTyped?: boolean },
): Promise<string> {
  return editText({ ...question, env: editorEnv, stdoutIsTty: io.stdoutIsTty });
}

/**
 * Asks one question. Throws DeclinedError on Esc, InterruptedError on Ctrl-C, Ctrl-D or a closed terminal, and the
 * reason of a signal that aborts: the question's (`own`) or the command's.
 */
async function ask<T>(
  { io, signal, jobControl }: PromptOptions,
  start: (context: PromptContext) => Promise<T>,
  own?: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  own?.throwIfAborted();
  const closed = innerController(signal, own);
  const close = () => closed.abort(new InterruptedError());
  if (io.stdin.readableEnded) throw new InterruptedError();
  // readline treats Esc and Ctrl-C right after it as a single key.
  const onKey = (_text: unknown, { sequence }: { sequence?: string }) => {
    if (sequence === "\x1b\x03") close();
  };
  io.stdin.once("pause", close).once("end", close).on("keypress", onKey);
  const endsHere = keepOpen(io, jobControl);
  try {
    return await start({
      input: io.stdin,
      output: io.stderr,
      signal: closed.signal,
      leave: () => closed.abort(new DeclinedError()),
    });
  } catch (error) {
    throw reasonOf(error);
  } finally {
    endsHere();
    io.stdin.off("pause", close).off("end", close).off("keypress", onKey);
    closed.abort();
  }
}

function reasonOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "ExitPromptError") return new InterruptedError();
  return error.name === "AbortPromptError" ? (error.cause ?? new InterruptedError()) : error;
}

async function displayOf(io: Io): Promise<PromptDisplay> {
  const columns = () =>
    "columns" in io.stderr && typeof io.stderr.columns === "number" ? io.stderr.columns : io.columns;
  const rows = () => ("rows" in io.stderr && typeof io.stderr.rows === "number" ? io.stderr.rows : 0);
  return {
    style: await loadStyle(io, "stderr"),
    columns: () => believableWidth(columns()) ?? 80,
    rows: () => rows() || 24,
  };
}
