import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Io } from "../../src/context/context.js";
import type { Prompts } from "../../src/context/prompts.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { createLinePrompts } from "../../src/prompts/line-prompts.js";
import { readChoice } from "../../src/prompts/read-choice.js";
import { Captured } from "../support/streams.js";

/** Questions in lines, with an in-memory keyboard that delivers whole lines, as a terminal does. */
function open() {
  const keyboard = new PassThrough();
  let written = "";
  let onWritten = () => {};
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      onWritten();
      done();
    },
  });
  const kept: string[] = [];
  const io: Io = {
    stdin: keyboard as unknown as Io["stdin"],
    stdout: new Captured(),
    stderr,
    stdoutIsTty: true,
    stderrIsTty: true,
    canPrompt: true,
    colour: { stdout: false, stderr: false },
    inWords: { stdout: true, stderr: true },
    canRedraw: false,
    columns: 1000,
  };
  const saveText = async (text: string) => {
    kept.push(text);
    return "/kept.md";
  };
  const prompts = createLinePrompts({ io, signal: new AbortController().signal, editorEnv: {}, saveText });
  const shows = (text: string) =>
    new Promise<void>((resolve) => {
      onWritten = () => {
        if (written.includes(text)) resolve();
      };
      onWritten();
    });
  return { prompts, keyboard, shows, kept, written: () => written };
}

type Session = ReturnType<typeof open>;

const letters = ["a", "b", "c", "d", "e", "f"];
const choices = letters.map((name, value) => ({ name: `Report ${name}`, value }));

describe("a terminal that closes during a question", () => {
  it.each<[string, string, (prompts: Prompts) => Promise<unknown>, string[]]>([
    ["of a name", "Name: ", (prompts) => prompts.input({ message: "Name" }), []],
    [
      "of an answer that is kept",
      "Name: ",
      (prompts) => prompts.input({ message: "Name", savesText: true }),
      [],
    ],
    ["of a text", "Text: ", (prompts) => prompts.multiline({ message: "Text" }), ["whole"]],
    ["of yes or no", "y or n", (prompts) => prompts.confirm({ message: "Go on?" }), []],
    ["of a choice", "your choice: ", (prompts) => prompts.pick({ message: "Which?", choices }), []],
    ["of a key", "Key: ", (prompts) => prompts.password({ message: "Key" }), []],
  ])("ends the question %s without accepting a partial line", async (_what, shown, ask, expected) => {
    const { prompts, keyboard, shows, kept }: Session = open();
    const answer = ask(prompts);
    await shows(shown);
    keyboard.end(shown === "Text: " ? "whole\ny" : "y");
    await expect(answer).rejects.toBeInstanceOf(InterruptedError);
    expect(kept).toEqual(expected);
    expect(keyboard.listenerCount("data")).toBe(0);
  });
});

describe("Esc on its own line", () => {
  it.each<[string, string, (prompts: Prompts) => Promise<unknown>]>([
    ["a name", "Name: ", (prompts) => prompts.input({ message: "Name" })],
    ["a text", "Text: ", (prompts) => prompts.multiline({ message: "Text" })],
    ["yes or no", "y or n", (prompts) => prompts.confirm({ message: "Go on?" })],
    ["a choice", "your choice: ", (prompts) => prompts.pick({ message: "Which?", choices })],
    ["a key", "Key: ", (prompts) => prompts.password({ message: "Key" })],
  ])("leaves the prompt for %s", async (_what, shown, ask) => {
    const { prompts, keyboard, shows }: Session = open();
    const answer = ask(prompts);
    await shows(shown);
    keyboard.write("\x1b\n");
    await expect(answer).rejects.toMatchObject({ name: "DeclinedError", message: "nothing changed" });
    expect(keyboard.listenerCount("data")).toBe(0);
  });
});

describe("several choices", () => {
  it.each<[string, number[]]>([
    ["1,3-5", [0, 2, 3, 4]],
    [" 5 - 6 , 2 ", [1, 4, 5]],
    ["2,2,1-2", [0, 1]],
    ["all", [0, 1, 2, 3, 4, 5]],
    ["report c", [2]],
  ])("are chosen by %j", async (line, expected) => {
    const { prompts, keyboard, shows } = open();
    const answer = prompts.pickSeveral({ message: "Which?", choices });
    await shows("your choice: ");
    keyboard.write(`${line}\n`);
    expect(await answer).toEqual(expected);
  });

  it.each([
    ["0", "there is no 0; enter 1 to 6"],
    ["5-7", "there is no 5-7; enter 1 to 6"],
    ["5-3", "there is no 5-3; enter 1 to 6"],
    ["1,,2", '"" is neither a number nor a range such as 3-5'],
    ["1-2-3", '"1-2-3" is neither a number nor a range such as 3-5'],
    ["-", '"-" is neither a number nor a range such as 3-5'],
    ["99999999999999999999", "there is no 99999999999999999999; enter 1 to 6"],
    ["elsewhere", 'nothing matches "elsewhere"'],
  ])("can't be chosen by %j", (line, refusal) => {
    expect(readChoice(line, choices, { isSeveral: true })).toEqual({ refusal });
  });

  it.each(["1,2", "1-2"])("can't be chosen if only one is allowed: %j", (line) => {
    expect(readChoice(line, choices, { isSeveral: false })).toEqual({ refusal: "one number, please" });
  });
});

describe("pasted text", () => {
  it("fills a text, empty lines included, and answers no further question", async () => {
    const { prompts, keyboard, shows } = open();
    const text = prompts.multiline({ message: "Text" });
    await shows("Text: ");
    keyboard.write("one\r\n\r\n  two\nthree\n.\ny\ny\n");
    expect(await text).toBe("one\n\n  two\nthree");
    const answer = prompts.confirm({ message: "Go on?" });
    await shows("Go on?");
    keyboard.write("n\n");
    expect(await answer).toBe(false);
  });

  it("answers one question per line, even if chunks split a character", async () => {
    const { prompts, keyboard, shows } = open();
    const answer = prompts.input({ message: "Name" });
    await shows("Name: ");
    const bytes = Buffer.from("報告\n");
    keyboard.write(bytes.subarray(0, 2));
    keyboard.write(bytes.subarray(2));
    expect(await answer).toBe("報告");
  });
});
