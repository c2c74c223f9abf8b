import type { Automation } from "../../../api/types.js";
import { hintText } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { saveTextIn } from "../../../files/saved-texts.js";
import { createPrinter } from "../../../output/printer.js";
import { gapIn } from "../../../output/style.js";
import { readScheduleFlags, type ScheduleToSend } from "../shared/schedule-flags.js";
import { type EditMistake, readEditText, withMistakes, withoutMistakes, writeEditText } from "./edit-text.js";
import type { UpdateRequest } from "./request.js";

/**
 * Lets `work` ask by the person's editor, which opens the automation as text (src/changes/README.md, "Nothing is
 * lost"). A mistake opens it again, with its line; whatever fails after that, the text is saved, and its path printed.
 */
export async function withEditor(
  context: Context,
  work: (ask: (before: Automation) => Promise<UpdateRequest>) => Promise<void>,
): Promise<void> {
  let latest: string | undefined;
  const keep = (text: string) => {
    latest = text;
  };
  try {
    await work(async (before) => {
      const text = await context.prompts.edit({ text: writeEditText(before) });
      return readRequest(context, { text, before, keep });
    });
  } catch (error) {
    const { files, dataDir } = context.settings;
    if (latest !== undefined) {
      const path = saveTextIn({ files, dataDir, now: context.now() }, latest);
      (await createPrinter(context)).warn(`your text is saved in ${path}`);
    }
    throw error;
  }
}

interface Reading {
  text: string;
  before: Automation;
  keep(text: string): void;
}

async function readRequest(context: Context, { text, before, keep }: Reading): Promise<UpdateRequest> {
  const own = withoutMistakes(text);
  keep(own);
  const reading = await readEdited(context, { text: own, before });
  if ("request" in reading) return reading.request;
  const offered = withMistakes(own, reading.mistakes);
  const [first] = reading.mistakes;
  const next = await context.prompts.edit({ text: offered });
  if (withoutMistakes(next) === own)
    throw new UsageError(`line ${first?.line}: ${first?.message}: nothing changed`);
  return readRequest(context, { text: next, before, keep });
}

async function readEdited(
  context: Context,
  { text, before }: Omit<Reading, "keep">,
): Promise<{ request: UpdateRequest } | { mistakes: EditMistake[] }> {
  const { edited, mistakes } = readEditText(text);
  const { name, schedule, tz } = edited;
  const zone = tz === undefined || tz.text.toUpperCase() === "UTC" ? undefined : tz.text;
  let read: ScheduleToSend | undefined;
  if (schedule !== undefined && (schedule.text !== before.schedule || zone !== undefined)) {
    try {
      read = await readScheduleFlags(context, {
        schedule: schedule.text,
        tz: zone,
      });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const facts = [error.message, hintText(error.hint ?? "", context)].filter(Boolean);
      const gap = gapIn(context);
      mistakes.push({ line: schedule.line, message: facts.join(gap) });
    }
  }
  mistakes.push(...newKeys(context, text, before));
  if (mistakes.length > 0) return { mistakes: mistakes.sort((one, other) => one.line - other.line) };
  const old = before.instructions ?? "";
  // Editors end the last line: that alone is no change.
  const isEndAdded = edited.instructions.endsWith("\n") && !old.endsWith("\n");
  const instructions = isEndAdded ? edited.instructions.slice(0, -1) : edited.instructions;
  // Only what was changed here: what others changed meanwhile stays as they made it.
  return {
    request: {
      name: name?.text === before.name ? undefined : name?.text,
      schedule: read,
      instructions: instructions === old ? undefined : instructions,
    },
  };
}

/** Lines with an API key that weren't there before. */
function newKeys({ settings }: Pick<Context, "settings">, text: string, before: Automation): EditMistake[] {
  const known = new Set(writeEditText(before).split("\n"));
  return text
    .split("\n")
    .flatMap((line, at) =>
      known.has(line) || settings.findKey(line) === undefined
        ? []
        : [{ line: at + 1, message: "an API key is in it" }],
    );
}
