/** The man pages, made from the commands' declarations by src/help/man, which is bundled for that and not kept. */
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

/** The day that the changelog's heading of the version has, `## 1.2.3 (2026-03-03)`; empty before there is one. */
export function releaseDate(changelog, version) {
  const heading = changelog.split("\n").find((line) => `${line} `.startsWith(`## ${version} `));
  return /\((\d{4}-\d{2}-\d{2})\)/.exec(heading ?? "")?.[1] ?? "";
}
