import { declareCommand, type InputOf, requestCodes } from "../../../command/declaration.js";
import { advanced, flag, inGroup, several, text } from "../../../command/flags.js";
import { refuseTogether } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context/context.js";
import { UsageError } from "../../../errors/cli-errors.js";
import { operationFlags, resultFields } from "../../../operations/change-flags.js";
import { readTargetChoice, targetFlags } from "../../../operations/selection/choose-automations.js";
import { instructionsFlags, readInstructions } from "../shared/instructions-flags.js";
import { changedFields } from "../shared/print-changed.js";
import { checkScheduleFlags, readScheduleFlags, scheduleFlags } from "../shared/schedule-flags.js";
import { askForChanges } from "./update-questions.js";
import { type Replacement, readScheduleCondition, type UpdateRequest } from "./update-request.js";

const { instructions, instructionsFile } = instructionsFlags("new instructions");

export const command = declareCommand({
  effect: "changes",
  isFrozen: ({ dryRun }) => !dryRun,
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    name: text("name", "a new name"),
    ...scheduleFlags,
    tz: advanced(scheduleFlags.tz),
    instructions,
    instructionsFile: advanced(instructionsFile),
    replace: text("text", "replace this text in the instructions", {
      mayBeEmpty: true,
      excludes: ["instructions", "instructionsFile"],
    }),
    with: advanced(text("text", "the replacement text for --replace", { mayBeEmpty: true })),
    thread: advanced(text("id", "the thread each run appends to")),
    allowDuplicate: advanced(flag("allow a name that is already taken")),
    edit: flag("edit the whole automation in $EDITOR"),
    ...targetFlags,
    all: advanced(targetFlags.all),
    ...inGroup("Which ones", {
      ifSchedule: advanced(text("schedule", "only those with this schedule, however it is written")),
    }),
    ...operationFlags,
    yes: advanced(operationFlags.yes),
  },
  help: {
    about:
      "Change the fields you name. For several automations it shows a plan; for a selection it also asks you to confirm.",
    use: "On a terminal, without flags, it asks what to change; --edit opens the whole automation in your editor. It prints the command that undoes the change. A selection is --all, --match and the like, or --if-schedule or --replace without refs.",
    notes:
      "--tz applies to both --schedule and --if-schedule. --replace matches the text exactly, everywhere. If a bulk change is interrupted, run the same command again to change the rest. If a condition matches nothing, it exits with 4, unless every automation already has the new value.",
    inPipe: `${changedFields}; for several: ${resultFields}`,
    exitCodes: requestCodes({
      1: "you answered no",
      4: "a ref, a selector or a condition matches nothing",
      6: "a freeze, a name that matches several or is taken, or somebody has changed the same fields since",
      8: "several were given, and some failed",
      12: "the outcome is unknown; the message says how to check",
    }),
    examples: [
      'herm automations update auto_5cT2k9 --schedule "every weekday at 18:30"',
      "herm automations update --replace five --with six --all-deployments",
      'herm automations update --all-deployments --if-schedule "0 9 * * 1" --schedule "30 8 * * 1" --dry-run',
    ],
  },
  /** Reads the flags and the automations that they select; asks for anything missing if only one matches. */
  async run(context, input): Promise<void> {
    checkScheduleOf(input);
    const replacement = readReplacement(input);
    refuseTogether({ "--edit": input.edit, "field flags": namesField(input) });
    const isConditional = [input.ifSchedule, input.replace].some(isGiven);
    const all = input.all || (input.refs.length === 0 && isConditional);
    const choice = await readTargetChoice(context, { ...input, all }, "update", { picksOne: true });
    checkRequest(context, input, choice.isSingle && !input.dryRun);
    const work = { input, choice, request: await readRequest(context, input, replacement) };
    const { updateChosen } = await import("./run-update.js");
    if (namesField(input)) return updateChosen(context, work);
    if (!input.edit)
      return updateChosen(context, { ...work, ask: (before) => askForChanges(context, before) });
    const { withEditor } = await import("./edit.js");
    await withEditor(context, (ask) => updateChosen(context, { ...work, ask }));
  },
});

type UpdateInput = InputOf<typeof command>;

const fieldsHint =
  "give --name, --schedule, --instructions, --instructions-file, --replace with --with, or --thread";

/** Throws UsageError if no field is given and the user can't be asked. */
function checkRequest(context: Context, input: UpdateInput, isOne: boolean): void {
  if (input.edit && !isOne) throw new UsageError("--edit is for one automation");
  if (input.edit && !context.io.canPrompt)
    throw new UsageError("--edit needs a terminal", { hint: fieldsHint });
  if (input.edit || namesField(input) || (context.io.canPrompt && isOne)) return;
  throw new UsageError("nothing to change", { hint: fieldsHint });
}

function checkScheduleOf({ schedule, tz, asTyped, ifSchedule }: UpdateInput): void {
  const isOfCondition = schedule === undefined && ifSchedule !== undefined;
  checkScheduleFlags({ schedule, tz: isOfCondition ? undefined : tz, asTyped });
}

function readReplacement({ replace, with: by }: UpdateInput): Replacement | undefined {
  if (replace === undefined && by === undefined) return undefined;
  if (by === undefined) throw new UsageError("--replace needs --with", { hint: "to remove it: --with=" });
  if (replace === undefined) throw new UsageError("--with needs --replace");
  if (replace === "") throw new UsageError("--replace is empty");
  if (replace === by) throw new UsageError("--replace and --with are identical");
  return { replace, with: by };
}

function namesField(input: UpdateInput): boolean {
  const { name, schedule, instructions: text, instructionsFile: file, thread, replace } = input;
  return [name, schedule, text, file, thread, replace].some(isGiven);
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined;
}

async function readRequest(
  context: Context,
  input: UpdateInput,
  replacement: Replacement | undefined,
): Promise<UpdateRequest> {
  const { name, schedule, thread, tz, ifSchedule } = input;
  return {
    name,
    schedule: schedule === undefined ? undefined : await readScheduleFlags(context, { ...input, schedule }),
    instructions: await readInstructions(context, input),
    replacement,
    thread,
    ifSchedule:
      ifSchedule === undefined ? undefined : await readScheduleCondition(context, { ifSchedule, tz }),
  };
}
