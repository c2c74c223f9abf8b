import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";

const root = join(import.meta.dirname, "..", "..");
const read = [".build", ".build.mjs", "CHANGELOG.md", "package.json", "package-lock.json", "src"];

// npm runs this after every install, including npm ci --omit=dev.
it("the build names the missing package and the command that installs it", () => {
  const cwd = temporaryFolder();
  for (const path of read) cpSync(join(root, path), join(cwd, path), { recursive: true });
  const { status, stdout, stderr } = spawnSync("npm", ["run", "-s", "dependencies"], {
    cwd,
    // npm won't start without a home.
    env: { PATH: process.env.PATH, HOME: cwd },
    encoding: "utf8",
  });

  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr: "esbuild isn't installed; to install what builds herm: npm ci --include=dev\n",
  });
});
