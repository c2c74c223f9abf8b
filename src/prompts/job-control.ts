import { Interface } from "node:readline";
import { useEffect, useKeypress, useState } from "@inquirer/core";
import type { Io, JobControl } from "../context.js";
import { type PromptDisplay, promptTheme } from "./display.js";
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
    // Readline does so when the question stands there again.
    rawModeOf(stdin)?.(true);
    isGoingOn = true;
    queueMicrotask(() => {
      isGoingOn = false;
    });
  };
  return jobControl?.listen({ onContinue }) ?? (() => undefined);
}

/** Repeats a question below what the shell has written since. For inquirer's prompts, as one of its hooks. */
export function useRepeatWhenContinued(): void {
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
