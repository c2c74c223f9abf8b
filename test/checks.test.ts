import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);

// Each keeps one core busy: beside the tests, not before them, so that the others have work.
it.each(["check:types", "check:unused"])("%s finds nothing", { timeout: 300_000 }, async (script) => {
  const ended = await run("npm", ["run", "-s", script]).catch((error) => error);
  const { code = 0, signal = null, stdout, stderr } = ended;
  expect({ code, signal, said: stdout + stderr }).toEqual({ code: 0, signal: null, said: "" });
});
