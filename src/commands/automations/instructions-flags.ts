import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { UsageError } from "../../errors.js";

export interface InstructionsFlags {
  instructions?: string;
  /** A path, or `-` for stdin. */
  instructionsFile?: string;
}

/** The instructions that the flags give, whole and unchanged; undefined if neither flag is there. Throws UsageError for both, an unreadable file or empty text. */
export async function readInstructions(
  flags: InstructionsFlags,
  where: { stdin: Readable; cwd: string },
): Promise<string | undefined> {
  if (flags.instructions !== undefined && flags.instructionsFile !== undefined) {
    throw new UsageError("--instructions and --instructions-file exclude each other");
  }
  if (flags.instructionsFile === undefined) return checked(flags.instructions, "--instructions");
  const source = flags.instructionsFile;
  return checked(
    source === "-" ? await readAll(where.stdin) : await readTextFile(resolve(where.cwd, source), source),
    source === "-" ? "stdin" : source,
  );
}

function checked(text: string | undefined, source: string): string | undefined {
  if (text !== undefined && text.trim() === "")
    throw new UsageError(`the instructions are empty (${source})`);
  return text;
}

async function readTextFile(path: string, shown: string): Promise<string> {
  try {
    return decode(await readFile(path), shown);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const why =
      code === "ENOENT" ? "there is no such file" : error instanceof Error ? error.message : String(error);
    throw new UsageError(`can't read the instructions from ${shown}: ${why}`);
  }
}

async function readAll(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return decode(Buffer.concat(chunks), "stdin");
}

function decode(bytes: Buffer, shown: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`the instructions from ${shown} are not UTF-8 text`);
  }
}
