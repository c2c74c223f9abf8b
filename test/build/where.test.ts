import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { writeMapsOf } from "../../.build/bun.mjs";
import { isExecutable } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";
import { executableOf, type Preload } from "../support/preloaded.js";
import { spawnHerm } from "../support/spawn.js";

const root = join(import.meta.dirname, "..", "..");
const dist = join(root, "dist");
const lines = (file: string) => readFileSync(file, "utf8").split("\n");
const files = ["api", "cli"].flatMap((folder) =>
  readdirSync(join(dist, folder))
    .filter((name) => /\.c?js$/.test(name))
    .map((name) => `${folder}/${name}`),
);

/** All of our functions in a built file, each with the source line that its position maps to. */
function functionsOf(file: string): { name: string; source: string }[] {
  const map = new SourceMap(JSON.parse(readFileSync(join(dist, ".maps", `${file}.map`), "utf8")));
  return lines(join(dist, file)).flatMap((text, line) =>
    [...text.matchAll(/\bfunction ([\w$]{3,})\(/g)].flatMap(({ 1: name = "", index }) => {
      const entry = map.findEntry(line, index);
      if (!("originalSource" in entry) || !entry.originalSource.startsWith("src/")) return [];
      return { name, source: lines(join(root, entry.originalSource))[entry.originalLine] ?? "" };
    }),
  );
}

async function where(text: string, maps?: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [".build/where.mjs", text], {
    cwd: root,
    env: { PATH: process.env.PATH, ...(maps === undefined ? {} : { HERM_MAPS: maps }) },
  });
  return stdout;
}

describe("the source maps", () => {
  it("lead from every built function to its source", () => {
    const found = files.flatMap(functionsOf);
    expect(found.length).toBeGreaterThan(1_000);
    // esbuild numbers duplicate names.
    const strayed = found.filter(({ name, source }) => !source.includes(name.replace(/\d+$/, "")));
    expect(strayed).toEqual([]);
  });

  it("aren't mentioned in any shipped file", () => {
    const telling = files.filter((file) =>
      readFileSync(join(dist, file), "utf8").includes("//# sourceMappingURL"),
    );
    expect(telling).toEqual([]);
  });
});

/** The maps for the build that crashed; undefined: those in dist/. */
function mapsOf(preload: Preload): string | undefined {
  if (!isExecutable) return undefined;
  const maps = temporaryFolder();
  writeMapsOf({ entry: executableOf(preload).entry, folder: join(maps, "executable") });
  return maps;
}

describe("a crash", () => {
  it("shows its position in one line, from which the source can be found", async () => {
    const words = ["schedule", "explain", "@daily", "--tz", "local"];
    const { code, stderr } = await spawnHerm(words, { preload: "no-zones" });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: unexpected: boom \(at \S+:\d+:\d+( \S+:\d+:\d+){2}\)\n/),
    });
    const told = await where(stderr, mapsOf("no-zones"));
    const [, file = "", line] = /^\S+ {2}(src\S+):(\d+):\d+$/m.exec(told) ?? [];
    expect(file).toBe("src/schedule/time-zone.ts");
    expect(lines(join(root, file))[Number(line) - 1]).toContain("new Intl.DateTimeFormat()");
  });

  it("can't be located with the maps of another build", async () => {
    expect(await where("at gone-ABC.js:1:1 and core.js:1:1")).toBe(
      `gone-ABC.js:1:1  no map of it in ${join(dist, ".maps")}\ncore.js:1:1  nothing of the sources\n`,
    );
  });
});
