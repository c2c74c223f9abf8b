import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const src = join(import.meta.dirname, "..", "..", "src");

export interface Source {
  /** Below `src`. */
  file: string;
  text: string;
}

export function readSources(): Source[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));
}

export function linesOf(sources: readonly Source[]): number {
  return sources.reduce((sum, { text }) => sum + text.split("\n").length - 1, 0);
}

/** The folder with the most files in itself, and how many. */
export function fullestFolder(sources: readonly Source[]): { folder: string; files: number } {
  const counts = new Map<string, number>();
  for (const { file } of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  const [[folder, files] = ["", 0]] = [...counts].sort(([, one], [, other]) => other - one);
  return { folder, files };
}

/** The words of comments that say what a thing promises. */
export function commentWordsOf(sources: readonly Source[]): number {
  const comments = sources.flatMap(({ text }) => text.match(/\/\*\*[\s\S]*?\*\//g) ?? []);
  return comments.flatMap((comment) => comment.replace(/[/*]+/g, " ").trim().split(/\s+/)).length;
}
