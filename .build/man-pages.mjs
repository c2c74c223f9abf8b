/** Makes the man pages from the commands' declarations, through src/help/man, which is bundled only for this. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";
import { bundled, root } from "./esbuild-options.mjs";

/** Writes the pages into `fresh`, below `man`, as `man -M` reads them. */
export async function buildManPages(fresh) {
  const bundle = join(fresh, "man-pages.mjs");
  const modules = ["src/commands/command-tree.ts", "src/help/man/man-pages.ts"];
  const contents = modules.map((path) => `export * from "./${path}";`).join("");
  await esbuild.build({
    ...bundled,
    stdin: { contents, resolveDir: root },
    outfile: bundle,
    packages: "external",
    format: "esm",
  });
  const { manPages } = await import(pathToFileURL(bundle).href);
  rmSync(bundle);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const date = releaseDate(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version);
  for (const { path, text } of await manPages({ version, date })) {
    const file = join(fresh, "man", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/**
 * The date in the changelog's heading for the version, `## 1.2.3 (2026-03-03)`; empty if there is no such heading yet.
 */
export function releaseDate(changelog, version) {
  const heading = changelog.split("\n").find((line) => `${line} `.startsWith(`## ${version} `));
  return /\((\d{4}-\d{2}-\d{2})\)/.exec(heading ?? "")?.[1] ?? "";
}
