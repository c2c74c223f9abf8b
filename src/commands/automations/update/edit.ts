import { tryJson } from "../../../api/json.js";
import type { Automation } from "../../../api/types.js";
import { hintText } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { UsageError } from "../../../errors/cli-errors.js";
import { saveTextIn } from "../../../files/saved-texts.js";
import { createPrinter } from "../../../output/printer.js";
import { factSeparatorFor } from "../../../output/style.js";
import { readScheduleFlags, type ScheduleToSend } from "../shared/schedule-flags.js";
import type { UpdateRequest } from "./update-request.js";

/**
 * Lets `work` ask through the user's editor, which shows the automation as text (src/changes/README.md, "Nothing is
 * lost"). After a mistake, reopens it at that line; after any other failure, saves the text and prints its path.
 */
export async function withEditor(
  context: Context,
  work: (ask: (before: Automation) => Promise<UpdateRequest>) => Promise<void>,
): Promise<void> {
  let latest: string | undefined;
  try {
    await work(async (before) => {
      let text = await context.prompts.edit({ text: writeEditText(before) });
      for (;;) {
        latest = withoutMistakes(text);
        const { request, mistakes } = await readEdited(context, latest, before);
        const [first] = mistakes.sort((one, other) => one.line - other.line);
        if (first === undefined) return request;
        text = await context.prompts.edit({ text: withMistakes(latest, mistakes) });
        if (withoutMistakes(text) === latest)
          throw new UsageError(`nothing changed: line ${first.line}: ${first.message}`);
      }
    });
  } catch (error) {
    const { files, dataDir } = context.settings;
    if (latest !== undefined) {
      const path = saveTextIn({ files, dataDir, now: context.now() }, latest);
      (await createPrinter(context)).warn(
        `your text is saved in ${path}; to continue, run the same command and paste it in`,
      );
    }
    throw error;
  }
}

/** Reads the user's changes, and keeps changes that others have made since. */
async function readEdited(
  context: Context,
  text: string,
  before: Automation,
): Promise<{ request: UpdateRequest; mistakes: EditMistake[] }> {
  const lines = text.split("\n");
  const end = lines.findIndex((line, at) => at > 0 && line.trimEnd() === fence);
  if (lines[0]?.trimEnd() !== fence || end === -1) {
    const message = `${fence} must be on the first line, and on the line before the instructions`;
    return { request: {}, mistakes: [{ line: 1, message }] };
  }
  const { name, schedule, tz, mistakes } = readFront(lines.slice(1, end));
  const edited = lines.slice(end + 1).join("\n");
  if (edited.trim() === "") mistakes.push({ line: end + 2, message: "the instructions are empty" });
  mistakes.push(...newKeys(context, text, before));
  const zone = tz === undefined || ["", "UTC"].includes(tz.text.trim().toUpperCase()) ? undefined : tz.text;
  let read: ScheduleToSend | undefined;
  if (schedule?.text.trim() && (schedule.text !== before.schedule || zone !== undefined)) {
    try {
      read = await readScheduleFlags(context, { schedule: schedule.text, tz: zone });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const hint = hintText(error.hint ?? "", context).replace(/:\n\s*/, ": ");
      const facts = [error.message, ...hint.split(/\n\s*/)].filter(Boolean);
      mistakes.push({ line: schedule.line, message: facts.join(factSeparatorFor(context)) });
    }
  }
  const old = before.instructions ?? "";
  // Editors add a final line end, which on its own isn't a change.
  const isEndAdded = edited.endsWith("\n") && !old.endsWith("\n");
  const instructions = isEndAdded ? edited.slice(0, -1) : edited;
  return {
    request: {
      name: name?.text === before.name ? undefined : name?.text,
      schedule: read,
      instructions: instructions === old ? undefined : instructions,
    },
    mistakes,
  };
}

/** Lines that contain a new API key. */
function newKeys({ settings }: Pick<Context, "settings">, text: string, before: Automation): EditMistake[] {
  const known = new Set(writeEditText(before).split("\n"));
  return text
    .split("\n")
    .flatMap((line, at) =>
      known.has(line) || settings.findKey(line) === undefined
        ? []
        : [{ line: at + 1, message: "it contains an API key" }],
    );
}

interface EditMistake {
  line: number;
  message: string;
}

const fence = "---";
const mistakeMark = "#! ";
const fields = ["name", "schedule", "tz"] as const;

/** Writes an automation as text to edit: name, schedule and tz as front matter, then the instructions exactly. */
function writeEditText({ name, schedule, instructions }: Automation): string {
  const front = [`name: ${writeValue(name ?? "")}`, `schedule: ${writeValue(schedule ?? "")}`, "tz: UTC"];
  return `${[fence, ...front, fence].join("\n")}\n${instructions ?? ""}`;
}

/** Reads the lines between the fences; line numbers are those of the saved text. */
function readFront(lines: readonly string[]) {
  const values: Partial<Record<(typeof fields)[number], { text: string; line: number }>> = {};
  const mistakes: EditMistake[] = [];
  for (const [at, written] of lines.entries()) {
    if (written.trim() === "" || written.startsWith("#")) continue;
    const [, key = "", value = ""] = /^([^:]*):(.*)$/.exec(written) ?? [];
    const field = fields.find((each) => each === key.trim());
    const text = readValue(value.trim());
    const line = at + 2;
    const refuse = (message: string) => mistakes.push({ line, message });
    if (field === undefined) refuse(`${key.trim() || written.trim()} isn't one of ${fields.join(", ")}`);
    else if (values[field] !== undefined) refuse(`${field} appears twice`);
    else if (text === undefined) refuse(`${field} must be text in double quotes`);
    else if (text.trim() === "" && field !== "tz") refuse(`${field} is empty`);
    if (field !== undefined) values[field] ??= { text: text ?? "", line };
  }
  for (const field of ["name", "schedule"] as const)
    if (values[field] === undefined)
      mistakes.push({ line: lines.length + 2, message: `${field} is missing` });
  return { ...values, mistakes };
}

/** Inserts the error messages below the first line, each with its new line number. */
function withMistakes(text: string, mistakes: readonly EditMistake[]): string {
  const [first = fence, ...rest] = text.split("\n");
  const marks = mistakes.map(({ line, message }) => {
    const shown = message.replaceAll(/\s+/g, " ");
    return `${mistakeMark}line ${line === 1 ? 1 : line + mistakes.length}: ${shown}`;
  });
  return [first, ...marks, ...rest].join("\n");
}

function withoutMistakes(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line, at) => at > 0 && !line.startsWith(mistakeMark));
  return [...lines.slice(0, 1), ...(end === -1 ? [] : lines.slice(end))].join("\n");
}

/** Quotes values that can't be written on a line without quotes. */
function writeValue(value: string): string {
  const isPlain = value === value.trim() && !value.startsWith('"') && !/\p{Cc}/u.test(value) && value !== "";
  return isPlain ? value : JSON.stringify(value);
}

function readValue(written: string): string | undefined {
  if (!written.startsWith('"')) return written;
  const value = tryJson(written);
  return typeof value === "string" ? value : undefined;
}
