import { Interface } from "node:readline";
import { makeTheme, useEffect, useKeypress, usePrefix, useState } from "@inquirer/core";
import type { Io, JobControl } from "../context.js";
import { type PromptDisplay, promptTheme, questionText } from "./display.js";
import { rawModeOf } from "./typed-text.js";

const { pause } = Interface.prototype;
let isGoingOn = false;

/**
 * Leaves a question open when Ctrl-Z stopped its process; until what it returns is called. Node's readline pauses then,
 * and whoever asks has to tell it to go on.
 */
export function keepOpen({ stdin }: Pick<Io, "stdin">, jobControl: JobControl | undefined): () => void {
  Interface.prototype.pause = function (this: Interface) {
    return isGoingOn ? this : pause.call(this);
  };
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

/** Repeats a question below what the shell has written since. */
function useRepeatWhenContinued(): void {
  const [times, setTimes] = useState(0);
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

/**
 * The question as a prompt of ours draws it in each of its states, and its theme. For inquirer's prompts, as a hook.
 */
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

/**
 * The theme of inquirer's ready-made prompts: they style their message once in a drawing, as a hook has to be called.
 */
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
