import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A document in the repository, by its path from the root. */
export function documentFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The text with `content` between `<!-- name -->` and `<!-- /name -->`, which only a script writes. */
export function withPart(text: string, { name, content }: { name: string; content: string }): string {
  const begin = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`there is no place for ${name}`);
  return `${text.slice(0, from)}${begin}\n\n${content.trim()}\n\n${text.slice(to)}`;
}

/** Writes the parts into a document, formatted like the whole repository, and leaves the rest unchanged. */
export function writeParts(path: string, parts: Readonly<Record<string, string>>): void {
  const file = documentFile(path);
  const written = Object.entries(parts).reduce(
    (text, [name, content]) => withPart(text, { name, content }),
    readFileSync(file, "utf8"),
  );
  writeFileSync(file, written);
  execFileSync("npx", ["biome", "format", "--write", path], { cwd: documentFile("."), stdio: "ignore" });
}
