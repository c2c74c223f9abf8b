import type { Command } from "commander";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { requireRef } from "../../targets/pick.js";
import { resolveAutomation } from "../../targets.js";
import { type InstructionsFlags, readInstructions } from "../shared/instructions-flags.js";
import {
  addScheduleFlags,
  checkScheduleFlags,
  readScheduleFlags,
  type ScheduleFlags,
} from "../shared/schedule-flags.js";
import { editAutomation } from "./edit.js";
import { askForChanges } from "./questions.js";
import { sendUpdate, type WantedUpdate } from "./send.js";

export interface UpdateOptions extends ScheduleFlags, InstructionsFlags {
  ref?: string | undefined;
  name?: string;
  thread?: string;
  edit?: boolean;
}

export function addUpdateCommand(parent: Command, context: Context): void {
  const command = parent
    .command("update")
    .argument("[ref]", "an id or an exact name")
    .option("--name <name>", "a new name");
  addScheduleFlags(command)
    .option("--instructions <text>", "new instructions")
    .option("--instructions-file <path>", "the same from a file, - for stdin")
    .option("--thread <id>", "the thread that runs append to")
    .option("--edit", "edit it whole in $EDITOR")
    .action((ref: string | undefined, flags: UpdateOptions) => updateAutomation(context, { ...flags, ref }));
}

/** Reads the automation, and sends the fields that the flags, the answers or the edited text change. */
export async function updateAutomation(context: Context, options: UpdateOptions): Promise<void> {
  checkFlags(context, options);
  const wanted = await readWanted(context, options);
  const ref = await requireRef(context, { ref: options.ref, verb: "update" });
  const { deploymentId, automationId } = await resolveAutomation(context, ref);
  const client = await context.client();
  const before = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  if (options.edit === true) return editAutomation(context, { deploymentId, before });
  await sendUpdate(context, {
    deploymentId,
    before,
    wanted: wanted ?? (await askForChanges(context, before)),
  });
}

function checkFlags(context: Context, options: UpdateOptions): void {
  checkScheduleFlags(options);
  for (const [flag, value] of [
    ["--name", options.name],
    ["--thread", options.thread],
  ]) {
    if (value !== undefined && value.trim() === "") throw new UsageError(`${flag} is empty`);
  }
  if (options.edit === true && namesField(options)) {
    throw new UsageError("--edit and the flags of fields exclude each other");
  }
  if (options.edit === true && !context.io.canPrompt) {
    throw new UsageError("--edit needs a terminal", {
      hint: "name what changes: --name, --schedule, --instructions, --instructions-file or --thread",
    });
  }
  if (options.edit === true || namesField(options) || context.io.canPrompt) return;
  throw new UsageError("nothing to change", {
    hint: "name it: --name, --schedule, --instructions, --instructions-file or --thread",
  });
}

function namesField({ name, schedule, instructions, instructionsFile, thread }: UpdateOptions): boolean {
  return [name, schedule, instructions, instructionsFile, thread].some((value) => value !== undefined);
}

/** What the flags say; undefined where they name no field. */
async function readWanted(context: Context, options: UpdateOptions): Promise<WantedUpdate | undefined> {
  if (!namesField(options)) return undefined;
  const { name, schedule, thread } = options;
  const instructions = await readInstructions(context, options);
  const read =
    schedule === undefined ? undefined : await readScheduleFlags(context, { ...options, schedule });
  return { name, schedule: read, instructions, thread };
}
