import { several } from "../../../command/arguments.js";
import type { InputOf } from "../../../command/declaration.js";
import { advanced, flag, text, under } from "../../../command/flags.js";
import { operationFlags } from "../../operations/flags.js";
import { targetFlags } from "../../targets/choose-automations.js";
import { instructionsFlags } from "../shared/instructions-flags.js";
import { scheduleFlags } from "../shared/schedule-flags.js";

const { instructions, instructionsFile } = instructionsFlags("new instructions");

export const updateInput = {
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
    with: advanced(text("text", "the new text for --replace", { mayBeEmpty: true })),
    thread: advanced(text("id", "the thread that runs append to")),
    edit: flag("edit it whole in $EDITOR"),
    ...targetFlags,
    all: advanced(targetFlags.all),
    ...under("Which ones", {
      ifSchedule: advanced(text("schedule", "only those with this schedule, however it is written")),
      ifInstructions: advanced(
        text("text", "only those whose instructions contain it", { mayBeEmpty: true }),
      ),
    }),
    ...operationFlags,
    yes: advanced(operationFlags.yes),
  },
};

export type UpdateInput = InputOf<typeof updateInput>;
