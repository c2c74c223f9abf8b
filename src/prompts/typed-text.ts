import type { Io, SaveText } from "../context.js";
import { DeclinedError, InterruptedError, textOfError } from "../errors.js";
import type { TypedText } from "./display.js";

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
