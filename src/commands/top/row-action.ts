import { innerController, onAbort } from "../../api/abort.js";
import type { AutomationRef } from "../../api/types.js";
import type { Context } from "../../context.js";
import { InterruptedError } from "../../errors.js";
import { textOrDash } from "../../output/value-text.js";
import type { Key } from "../../prompts/key-decoder.js";
import { messageOf } from "../../report.js";
import type { TopRow } from "./top-row.js";

export type Verb = "pause" | "resume" | "trigger" | "answer" | "watch";

/** An action on one automation, bound to its ids wherever its row moves. */
export interface RowAction extends AutomationRef {
  verb: Verb;
  /** `Acme/Weekly report`; as it came. */
  name: string;
  /** A reason against the action, such as `held by INC-42`. */
  remark: string | undefined;
}

export function actionOn(row: TopRow, verb: Verb, { isFleet }: { isFleet: boolean }): RowAction {
  const { automation, deployment_id, deployment_name, held } = row;
  const name = textOrDash(automation.name);
  return {
    verb,
    deployment_id,
    automation_id: automation.automation_id,
    name: isFleet ? `${deployment_name ?? deployment_id}/${name}` : name,
    remark: verb === "resume" || verb === "trigger" ? held?.text : undefined,
  };
}

/** Runs the command of that name on the person's own screen, and gives one line about it. */
export async function runAction(context: Context, action: RowAction): Promise<string> {
  const { verb, deployment_id, automation_id, name } = action;
  const ref = `${deployment_id}/${automation_id}`;
  switch (verb) {
    case "pause":
    case "resume": {
      const { switchEnabled } = await import("../automations/shared/switch-enabled.js");
      const enabled = verb === "resume";
      const { chooseOne } = await import("../../operations/selection/choose-automations.js");
      const { atOnce } = await import("../../operations/flags.js");
      await switchEnabled(context, { choice: chooseOne(ref), enabled, input: atOnce });
      return `${name} is ${enabled ? "enabled" : "paused"}`;
    }
    case "trigger": {
      const { triggerAutomation } = await import("../automations/trigger.js");
      await triggerAutomation(context, ref, false);
      return `${name} is running; ⏎ follows it`;
    }
    case "answer": {
      const { answerNamed } = await import("../runs/answer/answer-one.js");
      await answerNamed(context, ref, {});
      return `answered ${name}`;
    }
    case "watch": {
      const { command } = await import("../runs/watch.js");
      await command.run(context, { ref, followTimeout: undefined });
      return "";
    }
  }
}

/** Makes a context that `signal` ends too and that asks nobody: keys are read by somebody else. */
function withoutQuestions(context: Context, signal: AbortSignal): Context {
  const own: Partial<Record<string | symbol, unknown>> = {
    io: { ...context.io, canPrompt: false },
    signal,
    sleep: (ms: number, ends = signal) => context.sleep(ms, ends),
    interrupt: undefined,
  };
  return new Proxy(context, {
    get: (whole, name) => {
      if (name in own) return own[name];
      const value: unknown = Reflect.get(whole, name);
      return typeof value === "function" ? value.bind(whole) : value;
    },
  });
}

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
