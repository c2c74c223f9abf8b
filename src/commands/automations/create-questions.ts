import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { readScheduleFlags, type ScheduleFlags, type ScheduleToSend } from "./schedule-flags.js";
import { askForSchedule } from "./schedule-prompt.js";
import { isFilled } from "./update-questions.js";

export interface CreateInputs extends ScheduleFlags {
  name?: string;
  instructions?: string | undefined;
}

export interface SettledInputs {
  name: string;
  schedule: ScheduleToSend;
  instructions: string;
}

/** Asks for what is missing where somebody can be asked; elsewhere refuses, naming every missing flag at once. */
export async function askForMissing(context: Context, inputs: CreateInputs): Promise<SettledInputs> {
  if (!context.io.canPrompt) refuseMissing(inputs);
  const name = inputs.name ?? (await context.prompts.input({ message: "Name", validate: isFilled }));
  const schedule = await settleSchedule(context, inputs);
  const instructions =
    inputs.instructions ?? (await context.prompts.multiline({ message: "Instructions", validate: isFilled }));
  return { name, schedule, instructions };
}

function refuseMissing(inputs: CreateInputs): void {
  const missing = [
    inputs.name === undefined ? "--name" : undefined,
    inputs.schedule === undefined ? "--schedule" : undefined,
    inputs.instructions === undefined ? "--instructions" : undefined,
  ].filter((flag) => flag !== undefined);
  if (missing.length === 0) return;
  throw new UsageError(`missing: ${missing.join(", ")}`, {
    hint: 'herm automations create --name "…" --schedule "every Monday at 9am" --instructions "…"',
  });
}

async function settleSchedule(context: Context, inputs: CreateInputs): Promise<ScheduleToSend> {
  if (inputs.schedule !== undefined)
    return readScheduleFlags(context, { ...inputs, schedule: inputs.schedule });
  const schedule = await askForSchedule(context);
  return readScheduleFlags(context, { ...inputs, schedule });
}
