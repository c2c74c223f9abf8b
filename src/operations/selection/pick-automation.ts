import type { Context } from "../../context/context.js";
import type { PromptChoice } from "../../context/prompts.js";
import { hintTo, UsageError } from "../../errors/cli-errors.js";
import { enabledStatus, statusText } from "../../output/status-words.js";
import { factSeparator } from "../../output/style.js";
import { formatLocalTime } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";
import { describeSchedule } from "../../schedule/describe.js";
import { listAutomations, resolveDeployment } from "./resolve.js";

interface PickOptions {
  question?: string;
  verb: string;
}

/** The given ref, or a pick from a list. Throws UsageError without an interactive terminal. */
export async function requireRef(
  context: Context,
  { ref, verb, question = `Which automation to ${verb}?` }: PickOptions & { ref: string | undefined },
): Promise<string> {
  if (ref !== undefined) return ref;
  return context.prompts.pick({
    message: question,
    choices: await choices(context, verb),
  });
}

/** Requires refs for commands that accept several; `picksOne`: the user picks only one. */
export async function requireRefs(
  context: Context,
  { refs, verb, picksOne = false }: PickOptions & { refs: readonly string[]; picksOne?: boolean },
): Promise<readonly string[]> {
  if (refs.length > 0) return refs;
  if (picksOne) return [await requireRef(context, { ref: undefined, verb })];
  const picked = await context.prompts.pickSeveral({
    message: `Which automations to ${verb}?`,
    choices: await choices(context, verb),
  });
  if (picked.length === 0) throw new UsageError("no automation was picked");
  return picked;
}

async function choices(context: Context, verb: string): Promise<PromptChoice<string>[]> {
  if (!context.io.canPrompt) {
    throw new UsageError("no automation given", {
      hint: (herm) => `name one: ${herm("automations", verb)} <id or name>`,
    });
  }
  const deployment_id = await resolveDeployment(context);
  const automations = await listAutomations(context, deployment_id);
  if (automations.length === 0) {
    throw new UsageError(`there is no automation to ${verb} in ${deployment_id}`, {
      hint: hintTo("to create the first", "automations", "create"),
    });
  }
  return Promise.all(
    automations.map(async (automation) => {
      const style = { isInWords: context.io.inWords !== undefined };
      const facts = [
        await describeSchedule(automation.schedule),
        statusText(enabledStatus(automation), style),
      ];
      const next = formatLocalTime(automation.next_run_at, context.serverNow(), factSeparator(style));
      return {
        name: textOrDash(automation.name),
        value: `${deployment_id}/${automation.automation_id}`,
        description: [...facts, `next ${next}`].join(factSeparator(style)),
        search: [textOrDash(automation.name), automation.automation_id, ...facts].join(" "),
      };
    }),
  );
}
