import { optional } from "../../../command/arguments.js";
import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { seldom, text, yes } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import { refuseTogether } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { resolveAutomation } from "../../targets/automations.js";
import { requireRef } from "../../targets/pick.js";
import { instructionsFlags, readInstructions } from "../shared/instructions-flags.js";
import { checkScheduleFlags, readScheduleFlags, scheduleFlags } from "../shared/schedule-flags.js";
import { editAutomation } from "./edit.js";
import { askForChanges } from "./questions.js";
import { sendUpdate, type WantedUpdate } from "./send.js";

export const command = declareCommand({
  effect: "changes",
  arguments: { ref: optional("ref", "an id, an exact name, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    name: text("name", "a new name"),
    ...scheduleFlags,
    ...instructionsFlags("new instructions"),
    thread: seldom(text("id", "the thread that runs append to")),
    edit: yes("edit it whole in $EDITOR"),
  },
  help: {
    about: "Change only what you name. What is already equal isn't sent.",
    use: "On a terminal without flags it asks what to change; --edit opens the whole automation in your editor. A copy of the old one is kept, and the command that undoes the change is printed.",
    inPipe: "name, schedule, status, next run, id",
    exitCodes: requestCodes({
      6: "a name matches several, or somebody changed the same fields meanwhile",
      12: "the outcome is unknown; the message says how to check",
    }),
    examples: [
      'herm automations update "Weekly video variations" --schedule "every weekday at 18:30"',
      "herm automations update auto_5cT2k9 --instructions-file prompt.md",
      'herm automations update "Weekly video variations" --edit',
    ],
  },
  run: (context, input): Promise<void> => updateAutomation(context, input),
});

type UpdateInput = InputOf<typeof command>;

/** Reads the automation, and sends the fields that the flags, the answers or the edited text change. */
async function updateAutomation(context: Context, options: UpdateInput): Promise<void> {
  checkFlags(context, options);
  const wanted = await readWanted(context, options);
  const ref = await requireRef(context, { ref: options.ref, verb: "update" });
  const { deploymentId, automationId } = await resolveAutomation(context, ref);
  const client = await context.client();
  const before = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  if (options.edit) return editAutomation(context, { deploymentId, before });
  await sendUpdate(context, {
    deploymentId,
    before,
    wanted: wanted ?? (await askForChanges(context, before)),
  });
}

function checkFlags(context: Context, options: UpdateInput): void {
  checkScheduleFlags(options);
  refuseTogether({ "--edit": options.edit, "the flags of fields": namesField(options) });
  if (options.edit && !context.io.canPrompt) {
    throw new UsageError("--edit needs a terminal", {
      hint: "name what changes: --name, --schedule, --instructions, --instructions-file or --thread",
    });
  }
  if (options.edit || namesField(options) || context.io.canPrompt) return;
  throw new UsageError("nothing to change", {
    hint: "name it: --name, --schedule, --instructions, --instructions-file or --thread",
  });
}

function namesField({ name, schedule, instructions, instructionsFile, thread }: UpdateInput): boolean {
  return [name, schedule, instructions, instructionsFile, thread].some((value) => value !== undefined);
}

/** What the flags say; undefined where they name no field. */
async function readWanted(context: Context, options: UpdateInput): Promise<WantedUpdate | undefined> {
  if (!namesField(options)) return undefined;
  const { name, schedule, thread } = options;
  const instructions = await readInstructions(context, options);
  const read =
    schedule === undefined ? undefined : await readScheduleFlags(context, { ...options, schedule });
  return { name, schedule: read, instructions, thread };
}
