import { expect, it } from "vitest";
import { keys, talk } from "../support/pty.js";
import type { Terminal } from "../support/terminal-process.js";
import { restored, startPlace } from "./place.js";

const { enter } = keys;
const ctrlZ = "\x1a";
const ctrlD = "\x04";
const backspace = "\x7f";

/** Stops the command with Ctrl-Z once it shows the text, and continues it with `fg`. */
async function stopAt(terminal: Terminal, text: string): Promise<void> {
  await talk(terminal, [
    [text, ctrlZ],
    ["stopped by 148: icanon  echo .", enter],
  ]);
}

/** Resolves when the command has written the text this many times. */
async function isWritten(terminal: Terminal, text: string, times: number): Promise<void> {
  while (terminal.written().split(text).length <= times) await terminal.moves();
}

it("a question is asked again after Ctrl-Z, keeps the typed text, and accepts the answer", async () => {
  const { open, read } = await startPlace();
  const terminal = open(["automations", "create"], { hasJobs: true });
  await talk(terminal, [["? Name", "Inbox"]]);
  await stopAt(terminal, "? Name Inbox");
  await isWritten(terminal, "? Name Inbox", 2);
  await talk(terminal, [
    ["? Name", ` triage${enter}`],
    ["? Schedule (UTC)", `@daily${enter}`],
    ["empty last line ends", `Sort it.${enter}${enter}`],
    ["Create it?", enter],
    ["Run it now?", enter],
  ]);
  expect(await terminal.ended).toMatchObject({ code: 0, ...restored });
  expect(await read("Inbox triage")).toMatchObject({ instructions: "Sort it." });
});

it("a picker is drawn again after Ctrl-Z", async () => {
  const { open, add } = await startPlace();
  await add("Publish");
  const terminal = open(["automations", "get"], { hasJobs: true });
  await stopAt(terminal, "to get?");
  await isWritten(terminal, "to get?", 2);
  terminal.type(enter);
  expect(await terminal.ended).toMatchObject({ code: 0, ...restored });
});

it("a yes/no question is asked again after Ctrl-Z, and accepts yes and Ctrl-D", async () => {
  const { open, add, all } = await startPlace();
  await add("Publish");
  for (const [typed, code, left] of [
    [ctrlD, 130, 1],
    [`y${enter}`, 0, 0],
  ] as const) {
    const terminal = open(["automations", "delete", "Publish"], { hasJobs: true });
    await stopAt(terminal, 'Delete "Publish"?');
    await isWritten(terminal, 'Delete "Publish"?', 2);
    terminal.type("n");
    await talk(terminal, [["(y/N) n", `${backspace}${typed}`]]);
    expect(await terminal.ended).toMatchObject({ code, ...restored });
    expect(await all()).toHaveLength(left);
  }
});

it("accessible mode prints a question once more after Ctrl-Z", async () => {
  const { open, add, all } = await startPlace();
  await add("Publish");
  const env = { HERM_ACCESSIBLE: "1" };
  const question = 'Delete "Publish"? (y or n, empty means n): ';
  const deleting = open(["automations", "delete", "Publish"], { hasJobs: true, env });
  await stopAt(deleting, question);
  await isWritten(deleting, question, 2);
  deleting.type(`n${enter}`);
  const { code, lines } = await deleting.ended;
  expect({ code, times: lines.join("\n").split(question).length - 1 }).toEqual({ code: 1, times: 2 });
  const getting = open(["automations", "get"], { hasJobs: true, env });
  await stopAt(getting, "your choice: ");
  await isWritten(getting, "to get?\r\nyour choice: ", 1);
  getting.type(`1${enter}`);
  expect(await getting.ended).toMatchObject({ code: 0, ...restored });
  expect(await all()).toHaveLength(1);
});

it("a key is asked for again after Ctrl-Z", async () => {
  const { open } = await startPlace();
  const terminal = open(["auth", "login"], { hasJobs: true, env: { HERM_API_KEY: "" } });
  await stopAt(terminal, "? API key");
  await isWritten(terminal, "? API key", 2);
  terminal.type(ctrlD);
  expect(await terminal.ended).toMatchObject({ code: 130, ...restored });
});

it("a watched list is drawn again after Ctrl-Z, and its last frame stays above the shell's lines", async () => {
  const { open, add } = await startPlace();
  await add("Publish");
  const terminal = open(["automations", "list", "--watch"], { hasJobs: true });
  await stopAt(terminal, "1 automation · q ends");
  await isWritten(terminal, "\x1b[?1049h", 2);
  await talk(terminal, [["1 automation · q ends", "q"]]);
  expect(await terminal.ended).toMatchObject({ code: 0, ...restored });
});
