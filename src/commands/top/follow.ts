import { innerController, onAbort } from "../../api/abort.js";
import type { Context } from "../../context.js";
import { InterruptedError } from "../../errors.js";
import type { Key } from "../../prompts/key-decoder.js";
import { messageOf } from "../../report.js";
import { type RowAction, runAction, withoutQuestions } from "./row-action.js";

/** Something that is done on the person's own screen while keys are read for it. */
export interface Following {
  work(): Promise<void>;
  press(key: Key): void;
}

/**
 * Follows a run. Keys are read meanwhile, so that Ctrl-C ends the following alone; how it ended stays until somebody has seen
 * it. `over` ends all of it; `note` says something on the person's own screen; `stop` stops the job.
 */
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
  let goBack = () => {};
  const goesBack = new Promise<void>((resolve) => {
    goBack = resolve;
  });
  return {
    press: (key) => {
      if (key.name === "ctrl-z") stop();
      else if (isOver) goBack();
      else if (leaves(key)) left.abort(new InterruptedError());
    },
    work: async () => {
      note(`following ${action.name}; q goes back, and the run goes on`);
      try {
        await runAction(withoutQuestions(context, left.signal), action);
      } catch (error) {
        if (left.signal.aborted) return;
        const text = messageOf(error);
        if (text !== "") note(text);
      }
      isOver = true;
      note("any key goes back to herm top");
      const leave = onAbort(over, goBack);
      if (!over.aborted) await goesBack;
      leave();
      left.abort();
    },
  };
}

function leaves(key: Key): boolean {
  return key.name === "ctrl-c" || key.name === "escape" || (key.name === "text" && key.text === "q");
}
