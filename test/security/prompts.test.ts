import { describe, expect, it } from "vitest";
import type { Prompts } from "../../src/context/prompts.js";
import { keys, openSession } from "../support/prompt-session.js";
import { show } from "../support/terminal.js";
import { terminalTexts } from "../support/terminal-texts.js";
import { maskOf } from "./judge.js";

const columns = 4000;
const everything = terminalTexts.attacks.map(({ text }) => text).join(" b ");

const choicesOf = (text: string) => [
  { name: text, value: 1, description: text, search: text },
  { name: `second ${text}`, value: 2, description: text },
];

/** Every question, with the text wherever a command can put one, and the keys that answer it. */
const questions: Record<string, { ask(prompts: Prompts, text: string): Promise<unknown>; typed: string[] }> =
  {
    input: {
      ask: (prompts, text) =>
        prompts.input({
          message: text,
          default: text,
          preview: () => text,
          validate: (given) => given === "x" || text,
        }),
      typed: [keys.enter, keys.tab, keys.ctrlE, "\x15", "x", keys.enter],
    },
    multiline: {
      ask: (prompts, text) =>
        prompts.multiline({ message: text, default: text, validate: (given) => given === "x" || text }),
      typed: [keys.enter, "x", keys.enter, keys.enter],
    },
    password: { ask: (prompts, text) => prompts.password({ message: text }), typed: ["x", keys.enter] },
    confirm: { ask: (prompts, text) => prompts.confirm({ message: text }), typed: ["y", keys.enter] },
    pick: {
      ask: (prompts, text) => prompts.pick({ message: text, choices: choicesOf(text) }),
      typed: [keys.down, keys.up, keys.enter],
    },
    pickSeveral: {
      ask: (prompts, text) => prompts.pickSeveral({ message: text, choices: choicesOf(text) }),
      typed: [keys.down, keys.space, keys.up, keys.enter],
    },
  };

async function written(name: string, text: string): Promise<{ answer: unknown; written: string }> {
  const question = questions[name];
  if (question === undefined) throw new Error(name);
  const session = openSession({ columns });
  const answer = question.ask(session.prompts, text);
  await session.type(...question.typed);
  return { answer: await answer, written: session.written() };
}

describe("hostile texts in a question", () => {
  it.each(Object.keys(questions))("are only displayed: %s", async (name) => {
    const size = { columns, rows: 60 };
    const [hostile, plain] = [await written(name, everything), await written(name, maskOf(everything))];
    const asked = new Set((await show(plain.written, size)).effects);
    const acted = (await show(hostile.written, size)).effects.filter((effect) => !asked.has(effect));
    expect({ acted, answer: hostile.answer }).toEqual({ acted: [], answer: plain.answer });
    expect(plain.written).toContain("mask");
  });
});
