import { dirname, join, resolve } from "node:path";
import { Lines, type Mistakes } from "../mistake.js";
import type { Expander } from "../values/expand.js";
import type { Template, WrittenText } from "../values/variables.js";
import { noSuchFile, readNamedFile, TextFileError } from "./text-file.js";

interface NamedFile {
  /** The path before expansion. */
  path: Pick<Template, "position">;
  folder: string;
  expander: Expander;
}

/** Reads each instructions file named in manifests once. */
export class InstructionFiles {
  readonly #texts = new Map<string, Promise<WrittenText>>();
  /** Each counts once towards the limit for expanded values. */
  readonly #templates = new Map<Expander, Map<WrittenText, Template>>();

  async read(
    path: string,
    { path: { position }, folder, expander }: NamedFile,
    mistakes: Mistakes,
  ): Promise<Template | undefined> {
    if (/^([/\\~]|[A-Za-z]:)/.test(path)) {
      mistakes.add({ position, message: "instructions_file is a path relative to the manifest" });
      return undefined;
    }
    const shown = position.file === "stdin" ? path : join(dirname(position.file), path);
    const key = `${folder}\0${path}`;
    const reading = this.#texts.get(key) ?? readInstructions(resolve(folder, path), shown, folder);
    this.#texts.set(key, reading);
    try {
      return this.#expandOnce(await reading, expander, mistakes);
    } catch (error) {
      if (!(error instanceof TextFileError)) throw error;
      const { line, column, message } = error;
      const isInside = line > 1 || column > 1;
      mistakes.add({
        position: isInside ? { file: shown, line, column } : position,
        message: isInside ? message : `${shown} ${message === noSuchFile ? "isn't there" : message}`,
      });
      return undefined;
    }
  }

  #expandOnce(text: WrittenText, expander: Expander, mistakes: Mistakes): Template | undefined {
    const known = this.#templates.get(expander) ?? new Map<WrittenText, Template>();
    this.#templates.set(expander, known);
    const template = known.get(text) ?? expander.read(text, mistakes);
    if (template !== undefined) known.set(text, template);
    return template;
  }
}

/** Line ends become LF, whatever system checked the file out. */
async function readInstructions(path: string, shown: string, folder: string): Promise<WrittenText> {
  const text = (await readNamedFile(path, folder)).replaceAll("\r\n", "\n");
  if (text.trim() === "") throw new TextFileError("is empty");
  const lines = new Lines(shown, text);
  const nul = text.indexOf("\0");
  if (nul !== -1) throw new TextFileError("contains the character U+0000", lines.positionAt(nul));
  return { text, lines, start: 0 };
}
