import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { textOrDash } from "../../../output/value-text.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { askForSchedule, readScheduleFlags } from "../shared/schedule-flags.js";
import type { UpdateRequest } from "./update-request.js";

/** Asks which fields to change, then for each new value; the default is the present value. */
export async function askForChanges(context: Context, before: Automation): Promise<UpdateRequest> {
  const fields = await context.prompts.pickSeveral({
    message: "What do you want to change?",
    choices: [
      { name: "Name", value: "name", description: textOrDash(before.name) },
      { name: "Schedule", value: "schedule", description: await describeSchedule(before.schedule) },
      { name: "Instructions", value: "instructions", description: textOrDash(before.instructions) },
      { name: "Thread", value: "thread", description: before.thread_id ?? "its own" },
    ],
  });
  const { prompts } = context;
  const ask = (kind: "input" | "multiline", message: string, present: string | null | undefined) =>
    prompts[kind]({ message, default: present ?? undefined, validate: isFilled });
  const request: UpdateRequest = {};
  if (fields.includes("name")) request.name = await ask("input", "Name", before.name);
  if (fields.includes("schedule")) {
    const present = before.schedule ?? "";
    const schedule = await askForSchedule(context, { present });
    if (schedule !== present) request.schedule = await readScheduleFlags(context, { schedule });
  }
  if (fields.includes("instructions"))
    request.instructions = await ask("multiline", "Instructions", before.instructions);
  if (fields.includes("thread")) request.thread = await ask("input", "Thread", before.thread_id);
  return request;
}

/** Refuses the values that the flag refuses. */
export function isFilled(text: string): string | true {
  return text.trim() === "" ? "it can't be empty" : true;
}
