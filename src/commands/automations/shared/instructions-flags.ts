import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { text, type Values } from "../../../command/flags.js";
import type { Context } from "../../../context/context.js";
import { refuseKey, UsageError } from "../../../errors/cli-errors.js";
import { readTextStream, TextFileError } from "../../../manifest/read/text-file.js";

/** The flags for instructions; read them with `readInstructions`. */
export const instructionsFlags = (about: string) => ({
  instructions: text("text", about, { mayBeEmpty: true, excludes: ["instructionsFile"] }),
  instructionsFile: text("path", "read the instructions from a file (- for stdin)", {
    completes: "files",
    mayBeEmpty: true,
  }),
});

/**
 * Reads instructions from the flags, whole and unchanged; undefined if neither flag is given. Throws UsageError for an
 * unreadable file, one above 1 MiB (64 for herm's own copies), empty text or an API key.
 */
export async function readInstructions(
  context: Pick<Context, "io" | "settings" | "signal">,
  { instructions, instructionsFile: source }: Values<ReturnType<typeof instructionsFlags>>,
): Promise<string | undefined> {
  if (source === undefined) {
    if (instructions !== undefined) checkInstructions(context, instructions, "--instructions");
    return instructions;
  }
  const shown = source === "-" ? "stdin" : source;
  const text = await readSource(context, { source, shown });
  checkInstructions(context, text, shown);
  return text;
}

/** Throws UsageError if instructions are empty or contain an API key; `source` says where they came from. */
export function checkInstructions(
  { settings }: Pick<Context, "settings">,
  text: string,
  source: string,
): void {
  if (text.trim() === "") throw new UsageError(`the instructions are empty (${source})`);
  refuseKey(`the instructions (${source})`, settings.findKey(text));
}

async function readSource(
  context: Pick<Context, "io" | "settings" | "signal">,
  { source, shown }: { source: string; shown: string },
): Promise<string> {
  const { io, settings, signal } = context;
  const path = resolve(settings.environment.cwd, source);
  // A pipe, such as the shell's <(…), has a path like a file, but its size is unknown.
  const stream = source === "-" ? io.stdin : createReadStream(path);
  try {
    return await readTextStream(stream, signal);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const { message } = error;
    throw new UsageError(
      message.startsWith("is ")
        ? `the text from ${shown} ${message}`
        : `can't read the instructions from ${shown}: ${message}`,
    );
  }
}
