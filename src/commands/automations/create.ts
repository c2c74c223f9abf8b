import type { Command } from "commander";
import type { Automation, AutomationFields } from "../../api/types.js";
import type { Context } from "../../context.js";
import { ConflictError, DeclinedError, UsageError } from "../../errors.js";
import { createPrinter } from "../../output/printer.js";
import { refuseFrozen } from "../freeze.js";
import { resolveDeployment } from "../targets.js";
import { printChanged } from "./automation-view.js";
import { createOnce, listSettled } from "./create-once.js";
import { askForMissing, confirmCreate, createCommand, isTalk } from "./create-questions.js";
import { type InstructionsFlags, readInstructions } from "./instructions-flags.js";
import {
  addScheduleFlags,
  checkScheduleFlags,
  nextRunMismatch,
  type ScheduleFlags,
} from "./schedule-flags.js";

export interface CreateOptions extends ScheduleFlags, InstructionsFlags {
  name?: string;
  thread?: string;
  paused?: boolean;
  allowDuplicate?: boolean;
}

export function addCreateCommand(parent: Command, context: Context): void {
  const command = parent.command("create").option("--name <name>", "what people call it");
  addScheduleFlags(command)
    .option("--instructions <text>", "what the agent does on each run")
    .option("--instructions-file <path>", "the same from a file, - for stdin")
    .option("--thread <id>", "the thread that runs append to")
    .option("--paused", "create it paused")
    .option("--allow-duplicate", "even if the name is there already")
    .action((flags: CreateOptions) => createAutomation(context, flags));
}

/** Creates one automation and prints it. Nothing is sent before every input is settled. */
export async function createAutomation(context: Context, options: CreateOptions): Promise<void> {
  refuseFrozen(context);
  checkFlags(options);
  const text = await readInstructions(context, options);
  const given = { ...options, instructions: text };
  const isAllAsked = isTalk(context, given);
  const asked = isAllAsked ? await resolveDeployment(context) : undefined;
  const inputs = await askForMissing(context, given);
  const { name, schedule, instructions } = inputs;
  const deploymentId = asked ?? (await resolveDeployment(context));
  const present = await listSettled(context, deploymentId);
  if (options.allowDuplicate !== true) await refuseDuplicate(context, { name, present });
  const summary = { deploymentId, inputs, thread: options.thread, paused: options.paused === true };
  if (isAllAsked) summary.paused = await confirmCreate(context, summary);
  const fields: AutomationFields = {
    name,
    schedule: schedule.text,
    instructions,
    ...(options.thread === undefined ? {} : { thread_id: options.thread }),
    ...(summary.paused ? { enabled: false } : {}),
  };
  const printer = await createPrinter(context);
  const automation = await createOnce(context, { deploymentId, fields, present, printer });
  await printChanged(context, { automation, deploymentId, verb: "Created" });
  for (const note of schedule.notes) printer.note(note);
  const mismatch = await nextRunMismatch(automation, schedule);
  if (mismatch !== undefined) printer.warn(mismatch);
  if (isAllAsked) printer.note(`the same in one line: ${createCommand(context, summary)}`);
}

function checkFlags(options: CreateOptions): void {
  checkScheduleFlags(options);
  for (const [flag, value] of [
    ["--name", options.name],
    ["--schedule", options.schedule],
    ["--thread", options.thread],
  ]) {
    if (value !== undefined && value.trim() === "") throw new UsageError(`${flag} is empty`);
  }
}

async function refuseDuplicate(
  context: Context,
  { name, present }: { name: string; present: readonly Automation[] },
): Promise<void> {
  const same = present.filter((automation) => automation.name === name);
  if (same.length === 0) return;
  const ids = same.map((automation) => automation.automation_id).join(", ");
  if (!context.io.canPrompt) {
    throw new ConflictError(`an automation named "${name}" is there already: ${ids}`, {
      hint: (herm) =>
        `--allow-duplicate makes a second one; ${herm("automations", "update")} changes the first`,
    });
  }
  const isWished = await context.prompts.confirm({
    message: `An automation named "${name}" is there already (${ids}). Make another?`,
    default: false,
  });
  if (!isWished) throw new DeclinedError();
}
