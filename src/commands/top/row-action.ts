import { Writable } from "node:stream";
import { innerController, onAbort } from "../../api/abort.js";
import type { AutomationRef } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { InterruptedError } from "../../errors/cli-errors.js";
import { messageOf } from "../../invocation/report-error.js";
import type { Printer } from "../../output/printer.js";
import { textOrDash } from "../../output/value-text.js";
import type { Key } from "../../prompts/key-reader.js";
import type { TopRow } from "./top-row.js";

export type Verb = "pause" | "resume" | "trigger" | "answer" | "watch";

/** An action on an automation. It keeps the automation's ids, because the row may move. */
export interface RowAction extends AutomationRef {
  verb: Verb;
  /** `Acme/Weekly report`, not sanitised. */
  name: string;
  /** A warning, such as `held by INC-42`. */
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

/** Runs the named command on the normal screen, and returns a line about its outcome. */
export async function runAction(context: Context, action: RowAction): Promise<string> {
  const { verb, deployment_id, automation_id, name } = action;
  const ref = `${deployment_id}/${automation_id}`;
  switch (verb) {
    case "pause":
    case "resume": {
      const { switchEnabled } = await import("../automations/shared/switch-enabled.js");
      const enabled = verb === "resume";
      const { chooseOne } = await import("../../operations/selection/choose-automations.js");
      const { atOnce } = await import("../../operations/change-flags.js");
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

const doing: Partial<Record<Verb, string>> = {
  pause: "pausing …",
  resume: "resuming …",
  trigger: "starting …",
};

interface Following {
  work(): Promise<void>;
  press(key: Key): void;
}

/** The calls by which the screen follows a change. */
interface Shown {
  /** Shows what the change is doing now. */
  onNote(text: string): void;
  onOutcome(text: string, isBad: boolean): void;
}

/** Runs actions that need no question: changes in the background, and following on the normal screen. */
export class Actions {
  readonly #works: Promise<void>[] = [];
  /** Functions that print the output of changes, once the normal screen is back. */
  readonly #printed: (() => unknown)[] = [];

  constructor(
    private readonly context: Context,
    private readonly options: { over: AbortSignal; printer: Printer; stop(): void },
  ) {}

  /** Starts a change, which may take a while; false for other actions. */
  change(action: RowAction, { onNote, onOutcome }: Shown): boolean {
    const first = doing[action.verb];
    if (first === undefined) return false;
    onNote(first);
    const { over, printer } = this.options;
    const keep = (stream: "out" | "err") =>
      new Writable({
        write: (chunk, _encoding, done) => {
          const text = String(chunk);
          this.#printed.push(() => printer[stream](text));
          if (stream === "err") onNote(text.replace(/\s+/g, " ").trim());
          done();
        },
      });
    const onError = (error: unknown) => {
      const text = messageOf(error);
      this.#printed.push(() => printer.note(`${action.name}: ${text}`));
      onOutcome(text, true);
    };
    const run = this.#run(action, over, { stdout: keep("out"), stderr: keep("err") });
    this.#works.push(run.then((text) => onOutcome(text, false), onError));
    return true;
  }

  /** Waits for all changes, and prints their output. */
  async finish(): Promise<void> {
    await Promise.all(this.#works);
    for (const print of this.#printed) await print();
  }

  /** Follows a run, and reads keys so that Ctrl-C ends only the following and not `top`. */
  follow(action: RowAction): Following {
    const { over, printer, stop } = this.options;
    const left = innerController(over);
    let isOver = false;
    return {
      press: (key) => {
        if (key.name === "ctrl-z") stop();
        else if (isOver || leaves(key)) left.abort(new InterruptedError());
      },
      work: async () => {
        printer.note(`following ${action.name}; q goes back, and the run continues`);
        try {
          await this.#run(action, left.signal);
        } catch (error) {
          if (!left.signal.aborted) printer.note(messageOf(error));
        }
        if (left.signal.aborted) return;
        isOver = true;
        printer.note("press any key to go back to herm top");
        await new Promise<void>((resolve) => {
          onAbort(left.signal, resolve);
        });
      },
    };
  }

  /** Runs it without prompts, because the screen reads the keys. `signal` ends it as well as the context's own. */
  #run(action: RowAction, signal: AbortSignal, streams: Partial<Context["io"]> = {}): Promise<string> {
    const { context } = this;
    const own: Partial<Record<string | symbol, unknown>> = {
      io: { ...context.io, ...streams, canPrompt: false },
      signal,
      sleep: (ms: number, ends = signal) => context.sleep(ms, ends),
      interrupt: undefined,
    };
    const get = (whole: Context, name: string | symbol) => {
      if (name in own) return own[name];
      const value: unknown = Reflect.get(whole, name);
      return typeof value === "function" ? value.bind(whole) : value;
    };
    return runAction(new Proxy(context, { get }), action);
  }
}

function leaves(key: Key): boolean {
  return key.name === "ctrl-c" || key.name === "escape" || (key.name === "text" && key.text === "q");
}
