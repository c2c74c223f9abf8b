import { Interface } from "node:readline";
import { makeTheme, useEffect, useKeypress, usePrefix, useState } from "@inquirer/core";
import type { Io, JobControl, SaveText } from "../context/context.js";
import { DeclinedError, InterruptedError, textOfError } from "../errors/cli-errors.js";
import { type PromptDisplay, promptTheme, questionText, type TypedText } from "./display.js";

const quietMs = 40;
const ctrlC = "\x03";

/** The warning that Esc shows before it discards a longer text. */
export const leaveWarning = "press esc again to leave";

export function isLong(text: string): boolean {
  return text.length > 40 || text.includes("\n");
}

/** Returns the answer. If the question is interrupted or left, saves its text and adds the path to the error. */
export async function savingTyped<T>(saveText: SaveText, typed: TypedText, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const text = typed.text();
    const isMissed = error instanceof InterruptedError ? text.trim() !== "" : isLong(text);
    const isLeft = error instanceof InterruptedError || error instanceof DeclinedError;
    if (!isLeft || !isMissed) throw error;
    const where = await saveText(text).then(
      (path) => `your text is saved in ${path}`,
      (reason: unknown) => `your text could not be saved: ${textOfError(reason)}`,
    );
    const message = `${error.message}: ${where}`;
    throw error instanceof DeclinedError
      ? new DeclinedError(message)
      : new InterruptedError(error.signal, message);
  }
}

/** Drops keys typed or pasted before the question, so that they can't answer it; Ctrl-C still works. */
export async function dropTyped(stdin: Io["stdin"]): Promise<void> {
  const setRawMode = rawModeOf(stdin);
  setRawMode?.(true);
  try {
    await new Promise<void>((resolve, reject) => {
      const finish = () => {
        stdin.off("data", drop).pause();
        resolve();
      };
      const timer = setTimeout(finish, quietMs);
      const drop = (chunk: Buffer | string) => {
        timer.refresh();
        if (!chunk.toString().includes(ctrlC)) return;
        clearTimeout(timer);
        stdin.off("data", drop).pause();
        reject(new InterruptedError());
      };
      stdin.on("data", drop).resume();
    });
  } finally {
    setRawMode?.(false);
  }
}

/** Turns a terminal's own echo and line editing off and on; undefined for other streams. */
export function rawModeOf(stdin: Io["stdin"]): ((isRaw: boolean) => unknown) | undefined {
  return "setRawMode" in stdin && typeof stdin.setRawMode === "function"
    ? stdin.setRawMode.bind(stdin)
    : undefined;
}

let isGoingOn = false;

/** Keeps a question open after Ctrl-Z until the returned function is called. Its owner resumes readline. */
export function keepOpen({ stdin }: Pick<Io, "stdin">, jobControl: JobControl | undefined): () => void {
  // Called during the same event as readline's own listener, and right before it.
  const onContinue = () => {
    // readline itself sets raw mode only after it has drawn the question again.
    rawModeOf(stdin)?.(true);
    isGoingOn = true;
    queueMicrotask(() => {
      isGoingOn = false;
    });
  };
  return jobControl?.listen({ onContinue }) ?? (() => undefined);
}

/**
 * Corrects a question's readline: it continues after Ctrl-Z, and inserts text that arrives in one piece, pasted or
 * typed fast, at the cursor. For such a piece, Node 20 turns its completion off, and then appends all but the
 * last character to the line.
 */
function mend(readline: unknown): void {
  if (!(readline instanceof Interface)) return;
  const pause = readline.pause.bind(readline);
  readline.pause = () => (isGoingOn ? readline : pause());
  let isExplicit = true;
  Object.defineProperty(readline, "isCompletionEnabled", {
    // At the end of the line both do the same, and Node's way is faster.
    get: () => readline.cursor < readline.line.length || isExplicit,
    set: (value: boolean) => {
      isExplicit = value;
    },
  });
}

/** Draws the question again below the shell's output. */
function useRepeatWhenContinued(): void {
  const [times, setTimes] = useState(0);
  useEffect(mend, []);
  useEffect(
    (readline) => {
      const again = () => setTimes(times + 1);
      readline.on("SIGCONT", again);
      return () => void readline.removeListener("SIGCONT", again);
    },
    [times],
  );
}

export type PromptStatus = "idle" | "loading" | "done" | "left";

/** The question of a prompt in each of its states, and the theme. A hook for inquirer's prompts. */
export function useHead(
  { message, display }: { message: string; display: PromptDisplay },
  status: PromptStatus,
) {
  const theme = makeTheme(promptTheme(display));
  const prefix = usePrefix({ status: status === "left" ? "idle" : status, theme });
  useRepeatWhenContinued();
  const asked = theme.style.message(questionText(message, display), status === "done" ? status : "idle");
  return { theme, head: `${prefix} ${asked}` };
}

/** The theme for inquirer's own prompts. They style their message once in each drawing, as hooks require. */
export function repeatingTheme(display: PromptDisplay, leave: () => void): ReturnType<typeof promptTheme> {
  const theme = promptTheme(display);
  const message = (text: string) => {
    useRepeatWhenContinued();
    useKeypress(({ name }) => {
      if (name === "escape") leave();
    });
    return theme.style.message(text);
  };
  return { ...theme, style: { ...theme.style, message } };
}
