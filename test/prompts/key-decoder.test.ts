import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Key, KeyDecoder } from "../../src/prompts/key-reader.js";

function decoded(...chunks: string[]): string[] {
  const decoder = new KeyDecoder();
  return [...chunks.flatMap((chunk) => decoder.feed(chunk)), ...decoder.flush()].map(told);
}

function told(key: Key): string {
  return "text" in key ? `${key.name} ${key.text}` : key.name;
}

describe("the key decoder", () => {
  it.each<[string, string, string[]]>([
    ["letters one by one", "py?", ["text p", "text y", "text ?"]],
    ["other scripts and emoji", "é収📊", ["text é", "text 収", "text 📊"]],
    ["arrows", "\x1b[A\x1b[B", ["up", "down"]],
    ["arrows of the application mode", "\x1bOA\x1bOB", ["up", "down"]],
    ["arrows with Ctrl", "\x1b[1;5B", ["down"]],
    ["pages", "\x1b[5~\x1b[6~", ["page up", "page down"]],
    [
      "Home and End of three kinds",
      "\x1b[H\x1b[F\x1bOH\x1bOF\x1b[1~\x1b[4~\x1b[7~\x1b[8~",
      ["home", "end", "home", "end", "home", "end", "home", "end"],
    ],
    ["Enter, as either line end", "\r\n", ["enter", "enter"]],
    ["either backspace", "\b\x7f", ["backspace", "backspace"]],
    ["keys that a shell would interpret", "\x03\x0c\x15\x1a", ["ctrl-c", "ctrl-l", "ctrl-u", "ctrl-z"]],
    ["a lone Esc", "\x1b", ["escape"]],
    ["Esc twice", "\x1b\x1b", ["escape", "escape"]],
    ["Esc and an arrow", "\x1b\x1b[A", ["escape", "up"]],
    ["Esc and Ctrl-C", "\x1b\x03", ["escape", "ctrl-c"]],
    ["no letter of an unknown sequence", "\x1b[200;3P\x1b[15~\x1bOP\x1bx\x1b[<0;3;4M\x01q", ["text q"]],
    ["a paste in one piece", "\x1b[200~py\rq\x1b[A\x1b[201~j", ["pasted py\rq\x1b[A", "text j"]],
    ["nothing of a paste that hasn't ended", "\x1b[200~py", []],
    ["nothing of a sequence that hasn't ended", "\x1b[1;", []],
  ])("reads %s", (_case, text, keys) => {
    expect(decoded(text)).toEqual(keys);
  });

  it("reads the same, however the input is split", () => {
    const pieces = ["a", "\x1b[A", "\x1bOB", "\x1b[5~", "\x1b[200~py\x1b[201~", "\r", "\x1bx", "収"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), fc.array(fc.nat(60)), (parts, cuts) => {
        const text = parts.join("");
        const ends = [...new Set([...cuts.filter((at) => at < text.length), text.length])].sort(
          (a, b) => a - b,
        );
        const chunks = ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end));
        expect(decoded(...chunks)).toEqual(decoded(text));
      }),
    );
  });

  it("ends an unterminated paste", () => {
    expect(decoded(`\x1b[200~${"x".repeat(20_000)}`)).toHaveLength(1);
    expect(decoded(`\x1b[200~${"x".repeat(20_000)}`, "q")).toHaveLength(2);
  });
});
