import type { Context } from "../../context.js";
import { textOrDash } from "../../output/value-text.js";
import type { TopRow } from "./top-row.js";

export type Verb = "pause" | "resume" | "trigger" | "answer" | "watch";

/** An action on one automation, bound to its ids wherever its row moves. */
export interface RowAction {
  verb: Verb;
  deployment_id: string;
  automation_id: string;
  /** `Acme/Weekly report`; as it came. */
  name: string;
  /** A reason against it, such as `held by INC-42`. */
  remark: string | undefined;
}

export function actionOn(row: TopRow, verb: Verb, { isFleet }: { isFleet: boolean }): RowAction {
  const { automation, deployment_id, deployment_name, badges = [] } = row;
  const name = textOrDash(automation.name);
  const held = badges.find(({ brief }) => brief === "held");
  return {
    verb,
    deployment_id,
    automation_id: automation.automation_id,
    name: isFleet ? `${deployment_name ?? deployment_id}/${name}` : name,
    remark: verb === "resume" || verb === "trigger" ? held?.word : undefined,
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
      const { chooseOne } = await import("../targets/choose-automations.js");
      const { atOnce } = await import("../operations/flags.js");
      await switchEnabled(context, { choice: chooseOne(ref), enabled, input: atOnce });
      return `${name} is ${enabled ? "enabled" : "paused"}`;
    }
    case "trigger": {
      const { triggerAutomation } = await import("../automations/trigger.js");
      await triggerAutomation(context, ref, false);
      return `${name} runs; ⏎ follows it`;
    }
    case "answer": {
      const { answerNamed } = await import("../runs/answer/answer-one.js");
      await answerNamed(context, ref, {});
      return `${name} is answered`;
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
  const { prompts, settings, version, program, runtime, words, call, reason, jobControl } = context;
  return {
    io: { ...ioOf(context), canPrompt: false },
    prompts,
    settings,
    client: () => context.client(),
    clientIfUp: () => context.clientIfUp(),
    clientFor: (target) => context.clientFor(target),
    now: () => context.now(),
    serverNow: () => context.serverNow(),
    monotonic: () => context.monotonic(),
    sleep: (ms, own = signal) => context.sleep(ms, own),
    version,
    program,
    runtime,
    signal,
    words,
    call,
    reason,
    jobControl,
  };
}

function ioOf({ io }: Context): Context["io"] {
  const { stdin, stdout, stderr } = io;
  return { ...io, stdin, stdout, stderr };
}
