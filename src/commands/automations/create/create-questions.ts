import { commandLine, flagWords } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import type { PromptChoice } from "../../../context/prompts.js";
import { DeclinedError, UsageError } from "../../../errors/cli-errors.js";
import { nameInFleet } from "../../../operations/name-in-fleet.js";
import type { CreateWork } from "../../../operations/sending/create-locked.js";
import { labelledRows } from "../../../output/block.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { statusText } from "../../../output/status-words.js";
import { indentedText } from "../../../output/text/fold.js";
import { describeSchedule } from "../../../schedule/describe.js";
import {
  askForSchedule,
  readScheduleFlags,
  type ScheduleFlags,
  type ScheduleToSend,
} from "../shared/schedule-flags.js";
import { isFilled } from "../update/update-questions.js";

export interface CreateInputs extends ScheduleFlags {
  name?: string;
  instructions?: string | undefined;
}

/** An automation to create, with its schedule field already read. */
export interface CreateDraft extends CreateWork {
  schedule: ScheduleToSend;
  printer: Printer;
}

export function askForName({ prompts }: Context): Promise<string> {
  return prompts.input({ message: "Name", validate: isFilled });
}

/** Asks for a missing schedule or instructions. If it can't ask, throws UsageError listing every missing flag. */
export async function askForMissing(context: Context, inputs: CreateInputs) {
  if (!context.io.canPrompt) refuseMissing(inputs);
  inputs.schedule ??= await askForSchedule(context);
  const schedule = await readScheduleFlags(context, { ...inputs, schedule: inputs.schedule });
  const instructions =
    inputs.instructions ?? (await context.prompts.multiline({ message: "Instructions", validate: isFilled }));
  return { name: inputs.name ?? "", schedule, instructions };
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
      `give all three: ${herm("automations", "create")} --name "…" --schedule "every Monday at 9am" --instructions "…"`,
  });
}

/** Shows the whole automation and asks. On a "no", prints the command with all answers and throws DeclinedError. */
export async function confirmCreate(context: Context, draft: CreateDraft): Promise<void> {
  const { deployment_id, fields, printer } = draft;
  const { name, schedule, instructions, enabled } = fields;
  const facts: [string, string][] = [
    ["name", safe(await nameInFleet(context, { deployment_id, name }), "cell")],
    ["schedule", safe(await describeSchedule(schedule), "cell")],
    ["cron", safe(schedule, "cell")],
    ...(enabled === false ? [["status", statusText("paused", printer.errStyle)] as [string, string]] : []),
  ];
  const lines = await labelledRows(facts, { width: 12, style: printer.errStyle });
  printer.err(`\n${[...lines, ...instructionLines(instructions, printer.columns)].join("\n")}\n\n`);
  try {
    const answer = await context.prompts.pick({ message: "Create it?", choices: answersFor(enabled) });
    if (answer === "no") throw new DeclinedError();
    if (answer === "paused") fields.enabled = false;
  } catch (error) {
    if (error instanceof DeclinedError) printer.note(`to create it: ${createCommand(context, draft)}`);
    throw error;
  }
}

function answersFor(enabled: boolean | undefined): PromptChoice<"yes" | "paused" | "no">[] {
  const paused = { name: "paused", value: "paused" } as const;
  return [{ name: "yes", value: "yes" }, ...(enabled === false ? [] : [paused]), { name: "no", value: "no" }];
}

/** True if only the first lines of the text are shown. */
export function isLong(text: string): boolean {
  return text.trimEnd().split("\n").length > 5;
}

export function instructionLines(text: string, columns: number): string[] {
  const lines = text.trimEnd().split("\n");
  const shown = isLong(text) ? [...lines.slice(0, 3), `… ${lines.length - 3} more`] : lines;
  return ["  instructions", ...indentedText(shown.join("\n"), { columns, by: 4 })];
}

export function createCommand(
  context: Pick<Context, "settings">,
  { deployment_id, fields, schedule }: CreateDraft,
): string {
  return commandLine(context, [
    "automations",
    "create",
    ...flagWords("--name", fields.name),
    ...flagWords("--schedule", fields.schedule),
    ...(schedule.cron === undefined ? ["--as-typed"] : []),
    ...flagWords("--instructions", fields.instructions),
    ...(fields.thread_id === undefined ? [] : flagWords("--thread", fields.thread_id)),
    ...(fields.enabled === false ? ["--paused"] : []),
    "-d",
    deployment_id,
  ]);
}
