import { Interface } from "node:readline";
import { makeTheme, useEffect, useKeypress, usePrefix, useState } from "@inquirer/core";
import type { Io, JobControl, SaveText } from "../context/context.js";
import { DeclinedError, InterruptedError, textOfError } from "../errors/cli-errors.js";
import { type PromptDisplay, promptTheme, questionText, type TypedText } from "./display.js";

const quietMs = 40;
const ctrlC = "\x03";

/** The warning before Esc leaves a text that somebody would miss. */
export const leaveWarning = "esc again leaves";

export function isLong(text: string): boolean {
  return text.length > 40 || text.includes("\n");
}

/** Returns the answer; where the question is interrupted or left, its text is saved and the error says where. */
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

/** Drops what was typed or pasted before the question is there, so that it can't answer it. Ctrl-C still counts. */
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

/** Switches a terminal's own echo and line editing off and on; undefined where it isn't one. */
export function rawModeOf(stdin: Io["stdin"]): ((isRaw: boolean) => unknown) | undefined {
  return "setRawMode" in stdin && typeof stdin.setRawMode === "function"
    ? stdin.setRawMode.bind(stdin)
    : undefined;
}

let isGoingOn = false;

/**
 * Leaves a question open when Ctrl-Z stopped its process; until what it returns is called. Node's readline pauses then,
 * and whoever asks has to tell it to go on.
 */
export function keepOpen({ stdin }: Pick<Io, "stdin">, jobControl: JobControl | undefined): () => void {
  // Called right before readline's own listener, which was added later, and within the same event.
  const onContinue = () => {
    // Readline itself sets raw mode only once it has drawn the question again.
    rawModeOf(stdin)?.(true);
    isGoingOn = true;
    queueMicrotask(() => {
      isGoingOn = false;
    });
  };
  return jobControl?.listen({ onContinue }) ?? (() => undefined);
}

/**
 * Mends a question's readline. It goes on after Ctrl-Z, and puts what comes in one piece, pasted or typed fast, where the
 * cursor is: Node 20 switches its completion off within such a piece, and then puts all but the last character at the
 * line's end.
 */
function mend(readline: unknown): void {
  if (!(readline instanceof Interface)) return;
  const pause = readline.pause.bind(readline);
  readline.pause = () => (isGoingOn ? readline : pause());
  let isExplicit = true;
  Object.defineProperty(readline, "isCompletionEnabled", {
    // At the end both ways come to the same, and Node's is the fast one.
    get: () => readline.cursor < readline.line.length || isExplicit,
    set: (value: boolean) => {
      isExplicit = value;
    },
  });
}

/** Repeats a question below what the shell has written since. */
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

/** The question as a prompt of ours draws it in each of its states, and its theme. For inquirer's prompts, as a hook. */
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

/** The theme of inquirer's ready-made prompts: they style their message once in a drawing, as a hook has to be called. */
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
