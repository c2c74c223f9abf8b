import type { Command } from "commander";
import type { AutomationDetail, AutomationFields } from "../../api/types.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { createPrinter } from "../../output/printer.js";
import { schedulesEqual } from "../../schedule/equal.js";
import { resolveAutomation } from "../targets.js";
import { printChanged } from "./automation-view.js";
import { printFieldChanges } from "./field-changes.js";
import { type InstructionsFlags, readInstructions } from "./instructions-flags.js";
import { requireRef } from "./pick.js";
import {
  addScheduleFlags,
  checkScheduleFlags,
  nextRunMismatch,
  readScheduleFlags,
  type ScheduleFlags,
  type ScheduleToSend,
} from "./schedule-flags.js";

export interface UpdateOptions extends ScheduleFlags, InstructionsFlags {
  ref?: string | undefined;
  name?: string;
  thread?: string;
}

export function addUpdateCommand(parent: Command, context: Context): void {
  const command = parent
    .command("update")
    .description("Change only what you name. What is equal already isn't sent.")
    .argument("[ref]", "an id or an exact name")
    .option("--name <name>", "a new name");
  addScheduleFlags(command)
    .option("--instructions <text>", "new instructions")
    .option("--instructions-file <path>", "the same from a file, - for stdin")
    .option("--thread <id>", "the thread that runs append to")
    .addHelpText(
      "after",
      '\nExample:\n  herm automations update "Weekly video variations" \\\n    --schedule "every weekday at 18:30"',
    )
    .action((ref: string | undefined, flags: UpdateOptions) => updateAutomation(context, { ...flags, ref }));
}

/** Reads the automation, sends the fields that differ, and shows before → after. */
export async function updateAutomation(context: Context, options: UpdateOptions): Promise<void> {
  checkFlags(options);
  const instructions = await readInstructions(options, {
    stdin: context.io.stdin,
    cwd: context.settings.places.cwd,
  });
  const { schedule: text } = options;
  const schedule =
    text === undefined ? undefined : await readScheduleFlags(context, { ...options, schedule: text });
  const wanted = wantedFields(options, { instructions, schedule });
  const ref = await requireRef(context, { ref: options.ref, verb: "update" });
  const { deploymentId, automationId } = await resolveAutomation(context, ref);
  const client = await context.client();
  const before = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  const changes = differing(before, wanted);
  const isChange = Object.keys(changes).length > 0;
  const after = isChange
    ? await client.automations.update(deploymentId, automationId, changes, { signal: context.signal })
    : before;
  const printer = await createPrinter(context);
  if (isChange) await printFieldChanges(context, { before, changes });
  await printChanged(context, {
    automation: isChange ? { ...before, ...changes, ...after } : before,
    deploymentId,
    verb: isChange ? "Updated" : "Unchanged:",
  });
  if (!isChange || schedule === undefined) return;
  for (const note of schedule.notes) printer.note(note);
  const mismatch = await nextRunMismatch(after, schedule);
  if (mismatch !== undefined) printer.warn(mismatch);
}

function checkFlags(options: UpdateOptions): void {
  checkScheduleFlags(options);
  for (const [flag, value] of [
    ["--name", options.name],
    ["--thread", options.thread],
  ]) {
    if (value !== undefined && value.trim() === "") throw new UsageError(`${flag} is empty`);
  }
  const { name, schedule, instructions, instructionsFile, thread } = options;
  if ([name, schedule, instructions, instructionsFile, thread].every((value) => value === undefined)) {
    throw new UsageError("nothing to change", {
      hint: "name it: --name, --schedule, --instructions, --instructions-file or --thread",
    });
  }
}

interface ReadInputs {
  instructions: string | undefined;
  schedule: ScheduleToSend | undefined;
}

function wantedFields(
  options: UpdateOptions,
  { instructions, schedule }: ReadInputs,
): Partial<AutomationFields> {
  return {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(schedule === undefined ? {} : { schedule: schedule.text }),
    ...(instructions === undefined ? {} : { instructions }),
    ...(options.thread === undefined ? {} : { thread_id: options.thread }),
  };
}

/** The wanted fields that aren't so already; two schedules that fire at the same times are equal. */
function differing(before: AutomationDetail, wanted: Partial<AutomationFields>): Partial<AutomationFields> {
  const { name, schedule, instructions, thread_id } = wanted;
  return {
    ...(name === undefined || name === before.name ? {} : { name }),
    ...(schedule === undefined || schedulesEqual(schedule, before.schedule) ? {} : { schedule }),
    ...(instructions === undefined || instructions === before.instructions ? {} : { instructions }),
    ...(thread_id === undefined || thread_id === before.thread_id ? {} : { thread_id }),
  };
}
