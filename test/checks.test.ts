import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);

// Each keeps one core busy: beside the tests, not before them, so that the others have work.
it.each(["check:types", "check:unused"])("%s finds nothing", { timeout: 300_000 }, async (script) => {
  const { stdout, stderr } = await run("npm", ["run", "-s", script]).catch((error) => error);
  expect(`${stdout}${stderr}`).toBe("");
});
