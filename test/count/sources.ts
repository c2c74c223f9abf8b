import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

interface Size {
  lines: number;
  files: number;
}

/** The files below a folder of the project, as biome formats them. */
export function sizeOf(folder: "src" | "test"): Size {
  const texts = textsIn(folder, ".ts");
  return { lines: texts.reduce((sum, text) => sum + text.split("\n").length - 1, 0), files: texts.length };
}

export function wordsOfHelpPages(): number {
  return textsIn("src/help/topics", ".md").join(" ").trim().split(/\s+/).length;
}

function textsIn(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(join(root, folder, file), "utf8"));
}
