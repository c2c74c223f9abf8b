import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packedReadme } from "../../.build/readme.mjs";
import { temporaryFolder } from "../support/harness.js";

const root = join(import.meta.dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const github = { version: "1.2.3", repository: { url: "git+https://github.com/owner/name.git" } };
const nowhere = { version: "1.2.3", repository: undefined };
const links = (text: string) => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);

describe("the packed README", () => {
  it.each([
    [
      "See [the tour](src/README.md#x).",
      "See the tour.",
      "See [the tour](https://github.com/owner/name/blob/v1.2.3/src/README.md#x).",
    ],
    [
      "A\n\n![a list](test/a.svg)\n\nB",
      "A\n\nB",
      "A\n\n![a list](https://raw.githubusercontent.com/owner/name/v1.2.3/test/a.svg)\n\nB",
    ],
    [
      "[`a`](b.ts) [up](#up) [out](https://example.com/x)",
      "`a` [up](#up) [out](https://example.com/x)",
      "[`a`](https://github.com/owner/name/blob/v1.2.3/b.ts) [up](#up) [out](https://example.com/x)",
    ],
  ])("replaces %j by %j, or by %j if the repository is known", (text, bare, absolute) => {
    expect(packedReadme(text, nowhere)).toBe(bare);
    expect(packedReadme(text, github)).toBe(absolute);
  });

  it.each(['<img src="a.svg">', "[a][b]\n\n[b]: c.md", "[![a](a.svg)](b.md)"])(
    "may not contain the relative link in %j",
    (text) => {
      expect(() => packedReadme(text, github)).toThrow("README.md has links that npm can't follow: ");
    },
  );

  it("contains none of the source README's relative links", () => {
    expect(links(readme).filter((target) => !target.startsWith("https://"))).not.toEqual([]);
    expect(links(packedReadme(readme, nowhere))).toEqual([]);
    expect(links(packedReadme(readme, github))).toHaveLength(links(readme).length);
  });

  it("doesn't say that the package is unpublished", () => {
    const [, install] = /## Install\n\n(.*?)\n\n[^`]/s.exec(packedReadme(readme, nowhere)) ?? [];
    expect(install).toMatch(/^It needs Node [\d.]+ or newer\.\n\n```sh\nnpm install -g herm-cli\n```$/);
  });

  it("is packed by npm, which then restores the source README", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".build"));
    for (const file of ["package.json", "README.md", ".build/readme.mjs", ".build/esbuild-options.mjs"])
      copyFileSync(join(root, file), join(folder, file));
    writeFileSync(join(folder, ".build.mjs"), "");
    // npm won't start without a home.
    execFileSync("npm", ["pack", "--silent"], { cwd: folder, env: { ...process.env, HOME: folder } });
    const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const words = ["-xOzf", `${name}-${version}.tgz`, "package/README.md"];
    const packed = execFileSync("tar", words, { cwd: folder, encoding: "utf8" });
    expect(packed).toBe(packedReadme(readme, JSON.parse(readFileSync(join(root, "package.json"), "utf8"))));
    expect(readFileSync(join(folder, "README.md"), "utf8")).toBe(readme);
  });
});
