import type { AutomationRef } from "../../api/types.js";
import type { Context } from "../../context.js";
import { textOrDash } from "../../output/value-text.js";
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
export function withoutQuestions(context: Context, signal: AbortSignal): Context {
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
