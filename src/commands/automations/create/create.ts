import type { Command } from "commander";
import type { Automation, AutomationFields } from "../../../api/types.js";
import { refuseFrozen } from "../../../command/freeze.js";
import type { Context } from "../../../context.js";
import { ConflictError, DeclinedError, UsageError } from "../../../errors.js";
import { createPrinter } from "../../../output/printer.js";
import { listAutomations, resolveDeployment } from "../../targets.js";
import { printChanged } from "../shared/changed.js";
import { type InstructionsFlags, readInstructions } from "../shared/instructions-flags.js";
import {
  addScheduleFlags,
  checkScheduleFlags,
  nextRunMismatch,
  type ScheduleFlags,
} from "../shared/schedule-flags.js";
import { refuseBesideHeld } from "./beside-held.js";
import { checkMadeOnce, createOnce } from "./once.js";
import { askForMissing, confirmCreate, createCommand, isTalk } from "./questions.js";

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
  const wished = await askForDuplicates(context, { deploymentId, name, options });
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
  const check = async (present: readonly Automation[]) => {
    refuseDuplicate({ name, present, wished });
    await refuseBesideHeld(context, { deploymentId, fields, present });
  };
  const created = await createOnce(context, { deploymentId, fields, check, printer });
  const { automation } = created;
  await printChanged(context, { automation, deploymentId, verb: "Created" });
  for (const note of schedule.notes) printer.note(note);
  const mismatch = await nextRunMismatch(automation, schedule);
  if (mismatch !== undefined) printer.warn(mismatch);
  if (isAllAsked) printer.note(`the same in one line: ${createCommand(context, summary)}`);
  await checkMadeOnce(context, { ...created, deploymentId, printer });
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

/** Those beside which another of the name may be made: `everything`, or what a person was shown. */
type Wished = "everything" | ReadonlySet<string>;

/** Asks whether another is to be made beside those that are named so, where somebody can be asked. Throws DeclinedError. */
async function askForDuplicates(
  context: Context,
  { deploymentId, name, options }: { deploymentId: string; name: string; options: CreateOptions },
): Promise<Wished> {
  if (options.allowDuplicate === true) return "everything";
  if (!context.io.canPrompt) return new Set();
  const same = named(name, await listAutomations(context, deploymentId));
  if (same.length === 0) return new Set();
  const isWished = await context.prompts.confirm({
    message: `An automation named "${name}" is there already (${same.join(", ")}). Make another?`,
    default: false,
  });
  if (!isWished) throw new DeclinedError();
  return new Set(same);
}

function refuseDuplicate({
  name,
  present,
  wished,
}: {
  name: string;
  present: readonly Automation[];
  wished: Wished;
}): void {
  if (wished === "everything") return;
  const same = named(name, present).filter((id) => !wished.has(id));
  if (same.length === 0) return;
  throw new ConflictError(`an automation named "${name}" is there already: ${same.join(", ")}`, {
    hint: (herm) =>
      `--allow-duplicate makes a second one; ${herm("automations", "update")} changes the first`,
  });
}

function named(name: string, automations: readonly Automation[]): string[] {
  return automations.filter((automation) => automation.name === name).map((each) => each.automation_id);
}
