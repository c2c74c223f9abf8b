import { innerController, onAbort } from "../../api/abort.js";
import type { Context } from "../../context.js";
import { InterruptedError } from "../../errors.js";
import type { Key } from "../../prompts/key-decoder.js";
import { messageOf } from "../../report.js";
import { type RowAction, runAction, withoutQuestions } from "./row-action.js";

export interface Following {
  work(): Promise<void>;
  press(key: Key): void;
}

/** Follows a run on the person's own screen, and reads keys so that Ctrl-C ends the following alone. */
export function followOnScreen(
  context: Context,
  {
    action,
    over,
    note,
    stop,
  }: { action: RowAction; over: AbortSignal; note(text: string): void; stop(): void },
): Following {
  const left = innerController(over);
  let isOver = false;
  return {
    press: (key) => {
      if (key.name === "ctrl-z") stop();
      else if (isOver || leaves(key)) left.abort(new InterruptedError());
    },
    work: async () => {
      note(`following ${action.name}; q goes back, and the run goes on`);
      try {
        await runAction(withoutQuestions(context, left.signal), action);
      } catch (error) {
        const text = left.signal.aborted ? "" : messageOf(error);
        if (text !== "") note(text);
      }
      if (left.signal.aborted) return;
      isOver = true;
      note("any key goes back to herm top");
      await new Promise<void>((resolve) => {
        onAbort(left.signal, resolve);
      });
    },
  };
}

function leaves(key: Key): boolean {
  return key.name === "ctrl-c" || key.name === "escape" || (key.name === "text" && key.text === "q");
}
