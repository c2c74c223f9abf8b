/**
 * A program that asks questions on the real terminal, for tests in a pty: a name, then whether to continue; it prints
 * the answers.
 */
import { tmpdir } from "node:os";
import type { Io } from "../../src/context/context.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { saveTextIn } from "../../src/files/saved-texts.js";
import { createDrawnPrompts } from "../../src/prompts/inquirer.js";

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stdoutIsTty: true,
  stderrIsTty: true,
  canPrompt: true,
  colour: { stdout: true, stderr: true },
  canRedraw: true,
  columns: 80,
};

const files = createPrivateFiles({ uid: process.getuid?.(), pid: process.pid, isRunning: () => true });

/** Further questions by name: the editor, several lines, one of many, or none. */
async function askMore(prompts: ReturnType<typeof createDrawnPrompts>, name: string): Promise<unknown> {
  if (name === "edit") return prompts.edit({ text: "draft" });
  if (name === "lines") return prompts.multiline({ message: "Text" });
  if (name !== "pick") return "";
  const choices = Array.from({ length: 30 }, (_, index) => ({
    name: `report ${index}`,
    value: index,
    description: `every day at 09:00 UTC · ◉ enabled · the one with the number ${index}`,
  }));
  return prompts.pick({ message: "Which?", choices });
}

async function main(): Promise<void> {
  const prompts = createDrawnPrompts({
    io,
    signal: new AbortController().signal,
    editorEnv: process.env,
    saveText: async (text) =>
      saveTextIn({ files, dataDir: process.env.HERM_DATA_DIR ?? tmpdir(), now: new Date() }, text),
  });
  const name = await prompts.input({ message: "Name" });
  const text = await askMore(prompts, name);
  const isSure = await prompts.confirm({ message: "Go on?" });
  process.stdout.write(`got ${JSON.stringify({ name, text, isSure })}\n`);
}

main().catch((error: Error) => {
  process.stdout.write(`failed ${error.name} raw=${process.stdin.isRaw} ${error.message}\n`);
  process.exitCode = 130;
});
