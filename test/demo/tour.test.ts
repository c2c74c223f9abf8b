import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { promisify } from "node:util";
import pty from "@lydell/node-pty";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { typedLine } from "../support/shell-line.js";
import { story } from "./story.js";

const words = ["--import", "tsx", "test/demo/tour.ts"];
const run = promisify(execFile);

it("reports the whole story in a pipe, and leaves nothing", async () => {
  const folder = temporaryFolder();
  const { stdout } = await run(process.execPath, words, { env: { ...process.env, TMPDIR: folder } });
  const typed = story.flatMap((step) => ("words" in step ? `$ herm ${typedLine(step.words)}` : []));
  expect(stdout.match(/^\$ .*$/gm)?.map((line) => line.replace(/ > .*/, ""))).toEqual(typed);
  expect(stdout).not.toContain("\x1b");
  expect(readdirSync(folder).filter((name) => name.startsWith("herm"))).toEqual([]);
});

it("waits in a terminal, where q leaves nothing either", async () => {
  const folder = temporaryFolder();
  const child = pty.spawn(process.execPath, words, { env: { ...process.env, TMPDIR: folder } });
  let text = "";
  child.onData((data) => {
    text += data;
    if (text.includes("herm runs answer")) child.write("q");
  });
  const code = await new Promise((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)));
  expect(code).toBe(130);
  expect(text).not.toContain("$ herm automations pause");
  expect(readdirSync(folder).filter((name) => name.startsWith("herm"))).toEqual([]);
});
