import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readGlobalFlags } from "../../src/command-line/global-flags.js";
import { commandLine } from "../../src/command-line/next-command.js";
import { safe } from "../../src/output/safe.js";
import { allShells, canType, isInstalled, runLines, typeLines } from "../support/shells.js";
import { terminalTexts } from "../support/terminal-texts.js";

const flags = { settings: { flags: readGlobalFlags() } };
const lineOf = (words: readonly string[]) => commandLine(flags, words);

/** Text that an argument can contain: no NUL, and no half of a character. */
const asArgument = (text: string) => Buffer.from(text.replaceAll("\0", "")).toString("utf8");

const hostile = [
  "Report \\'; touch owned #",
  "\\",
  "\\\\",
  "'",
  "''",
  "\\'\\'",
  "a\\",
  "it's",
  "$(touch owned)",
  "`touch owned`",
  "${HOME}",
  "$HOME",
  '"; touch owned; "',
  "(touch owned)",
  "; touch owned",
  "a & touch owned",
  "x | touch owned",
  "!!",
  "!touch",
  "a!b'c!d",
  "wow! it's\\!",
  "=ls",
  "~",
  "~root",
  "a=~",
  "%self",
  "%1",
  "*",
  "?",
  "[a]",
  "{a,b}",
  "a^b",
  "##[x] ####[ ##\u3164##[",
  "#x",
  "-",
  "--flag=$(touch owned)",
  "a\tb",
  "a\nb",
  "a\n",
  "\n\n",
  "\n",
  "a\r",
  "\u31641 \u0007007\n7 (a) )",
  "\u001b[31mred",
  "\u0007!'\\\u0007",
  "\u0001\u007f\u009b",
  ..."\u3164\u115f\uffa0\u034f\u180b\u00ad\u200b\u2028\u202e\ufeff",
  "Report \u3164 \\' !! $(x)",
  `z${"\u0301".repeat(20)}`,
  "\u200d",
  "a\u200db",
  "👩\u200d🚀",
  "می\u200cخواهم",
  "\u{e0061}",
  "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
  "漢字 é\u00a0x",
  "",
  " ",
].concat([...terminalTexts.attacks, ...terminalTexts.legitimate].map(({ text }) => text));

const anyName = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hostile),
      fc.constantFrom(..."\\'\"`$!()#;&|<>*?[]{}~=%^ \t\n\r-a"),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => asArgument(parts.join("")));

describe.each(allShells)("a printed command pasted into %s", (shell) => {
  it.skipIf(!isInstalled(shell))("passes its exact words to herm, and runs no other program", () => {
    const words = hostile.map(asArgument);
    const { calls, said } = runLines(
      shell,
      words.map((word) => lineOf(["x", word])),
    );
    expect(calls).toEqual(words.map((word) => ["x", word]));
    expect(said).toBe("");
  });

  it.skipIf(!isInstalled(shell))("passes random words intact", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyName, { maxLength: 3 }), { minLength: 20, maxLength: 30 }),
        (commands) => {
          const { calls, said } = runLines(shell, commands.map(lineOf));
          expect(calls).toEqual(commands);
          expect(said).toBe("");
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe.each(["bash", "zsh", "fish"] as const)("a printed command typed into %s", (shell) => {
  it.skipIf(!(canType && isInstalled(shell)))(
    "passes its words to herm unchanged, although the shell expands lines",
    async () => {
      const words = hostile.map(asArgument);
      const calls = await typeLines(
        shell,
        words.map((word) => lineOf(["x", word])),
      );
      expect(calls).toEqual([["first"], ...words.map((word) => ["x", word]), ["last"]]);
    },
    60_000,
  );
});

describe("a printed command", () => {
  it("needs no change by safe(), except for a newline at a word's end", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const line = lineOf(["x", name]);
        const shown = line.replace(/\n+'$/, "'");
        expect(safe(shown, "cell")).toBe(shown);
      }),
      { numRuns: 1000 },
    );
  });

  it("escapes only characters that safe() would change", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        if (safe(name, "cell") === name) expect(lineOf(["x", name])).not.toContain("printf");
      }),
      { numRuns: 1000 },
    );
  });
});
