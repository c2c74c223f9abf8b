/** A program that asks on the real terminal, for tests in a pty: a name, then whether to go on; it prints what it got. */
import type { Io } from "../../src/context.js";
import { createPrompts } from "../../src/prompts/inquirer.js";

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stdoutIsTty: true,
  stderrIsTty: true,
  canPrompt: true,
  colour: { stdout: true, stderr: true },
  columns: 80,
};

async function main(): Promise<void> {
  const prompts = createPrompts({ io, signal: new AbortController().signal, editorEnv: process.env });
  const name = await prompts.input({ message: "Name" });
  const text = name === "edit" ? await prompts.edit({ text: "draft", suffix: ".md" }) : "";
  const isSure = await prompts.confirm({ message: "Go on?" });
  process.stdout.write(`got ${JSON.stringify({ name, text, isSure })}\n`);
}

main().catch((error: Error) => {
  process.stdout.write(`failed ${error.name} raw=${process.stdin.isRaw}\n`);
  process.exitCode = 130;
});
