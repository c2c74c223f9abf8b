import { commandLine, flagWords } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { DeclinedError, UsageError } from "../../../errors.js";
import { labelledRows } from "../../../output/block.js";
import { createPrinter } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { enabledStatus, statusText } from "../../../output/status.js";
import { indentedText } from "../../../output/text/fold.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { readScheduleFlags, type ScheduleFlags, type ScheduleToSend } from "../shared/schedule-flags.js";
import { askForSchedule } from "../shared/schedule-prompt.js";
import { isFilled } from "../update/questions.js";

export interface CreateInputs extends ScheduleFlags {
  name?: string;
  instructions?: string | undefined;
}

export interface CompleteInputs {
  name: string;
  schedule: ScheduleToSend;
  instructions: string;
}

/** Asks for what is missing where somebody can be asked; else throws UsageError with every missing flag. */
export async function askForMissing(context: Context, inputs: CreateInputs): Promise<CompleteInputs> {
  if (!context.io.canPrompt) refuseMissing(inputs);
  const name = inputs.name ?? (await context.prompts.input({ message: "Name", validate: isFilled }));
  const schedule = await readScheduleFlags(context, {
    ...inputs,
    schedule: inputs.schedule ?? (await askForSchedule(context)),
  });
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
    hint: (herm) =>
      `${herm("automations", "create")} --name "…" --schedule "every Monday at 9am" --instructions "…"`,
  });
}

export interface CreateSummary {
  deployment_id: string;
  inputs: CompleteInputs;
  thread: string | undefined;
  paused: boolean;
}

/**
 * Asks whether it starts enabled, shows everything and asks once more; returns whether it starts paused. Throws
 * DeclinedError.
 */
export async function confirmCreate(context: Context, summary: CreateSummary): Promise<boolean> {
  const { deployment_id, inputs } = summary;
  const paused =
    summary.paused || !(await context.prompts.confirm({ message: "Enabled from the start?", default: true }));
  const printer = await createPrinter(context);
  const facts: [string, string][] = [
    ["deployment", safe(deployment_id, "cell")],
    ["name", safe(inputs.name, "cell")],
    ["schedule", safe(await describeSchedule(inputs.schedule.text), "cell")],
    ["cron", safe(inputs.schedule.text, "cell")],
    ["status", statusText(enabledStatus({ enabled: !paused }), printer.errStyle)],
  ];
  const lines = await labelledRows(facts, { width: 12, style: printer.errStyle });
  const instructions = instructionLines(inputs.instructions, printer.columns);
  printer.err(`\n${[...lines, ...instructions].join("\n")}\n\n`);
  if (!(await context.prompts.confirm({ message: "Create it?", default: true }))) throw new DeclinedError();
  return paused;
}

/** Instructions below their title, as lines for a terminal. */
export function instructionLines(text: string, columns: number): string[] {
  return ["  instructions", ...indentedText(text, { columns, by: 4 })];
}

export function createCommand(
  context: Pick<Context, "settings">,
  { deployment_id, inputs, thread, paused }: CreateSummary,
): string {
  return commandLine(context, [
    "automations",
    "create",
    ...flagWords("--name", inputs.name),
    ...flagWords("--schedule", inputs.schedule.text),
    ...(inputs.schedule.cron === undefined ? ["--as-typed"] : []),
    ...flagWords("--instructions", inputs.instructions),
    ...(thread === undefined ? [] : flagWords("--thread", thread)),
    ...(paused ? ["--paused"] : []),
    "-d",
    deployment_id,
  ]);
}
