import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bullets,
  code,
  literal,
  paragraph,
  roffPage,
  roffProse,
  tagged,
  typed,
} from "../../src/help/man/page.js";
import "../../src/commands/command-tree.js";
import { commandPage, topicPage } from "../../src/help/man/man-pages.js";
import { isThere, requestsIn, unroff } from "../support/roff.js";

/** Text that roff could misread, and text that it can't show. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ".",
        "'",
        "\\",
        '"',
        "`",
        "-",
        "--",
        "^",
        "~",
        "<",
        ">",
        "|",
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
      ),
      fc.constantFrom(".SH", ".TH", "'br", '.\\"', "\\fB", "\\&", "\\n", "\\c", "\\[u2026]", "${", "%", "#"),
      fc.constantFrom("a", "TP", "--dry-run", "`code`", "<ref>", "[flags]", "…", "é", "日本", "👍"),
      fc.constantFrom("\u0000", "\u001b", "\u007f", "\u0085", "\u00a0", "\ud800", "\u2028", "\u202e"),
      fc.string(),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** The text on one line, with marks for what can't be shown. */
const shown = (text: string) =>
  text
    .trim()
    .replaceAll(/[ \t\r\n]+/g, " ")
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, "\ufffd");

describe("text in a man page", () => {
  it.each([
    ["a full stop at the beginning", paragraph(roffProse(".SH NAME")), [".PP", "\\&.SH NAME"]],
    ["an apostrophe at the beginning", paragraph(roffProse("'br")), [".PP", "\\(aqbr"]],
    ["a backslash", paragraph(roffProse("a\\fBb")), [".PP", "a\\efBb"]],
    ["line ends", paragraph(roffProse("a\n.b\n\n'c")), [".PP", "a .b \\(aqc"]],
    [
      "a flag",
      paragraph(roffProse("With --dry-run it isn't.")),
      [".PP", "With \\fB\\-\\-dry\\-run\\fR it isn\\(aqt."],
    ],
    ["a dash and a hyphen", paragraph(roffProse("a -- b, read-only")), [".PP", "a \\-\\- b, read\\-only"]],
    [
      "code",
      paragraph(roffProse("Say `herm help <topic>`.")),
      [".PP", "Say \\fBherm help \\fR\\fI<topic>\\fR."],
    ],
    ["code that starts with a space", paragraph(roffProse("Say ` x`.")), [".PP", "Say \\fB x\\fR."]],
    ["non-ASCII characters", paragraph(roffProse("dep_…/👍")), [".PP", "dep_\\[u2026]/\\[u1F44D]"]],
    ["nothing", paragraph(roffProse("")), [".PP", "\\&"]],
    ["an empty name", tagged([["", ""]]), [".TP", "\\&", "\\&"]],
    ["items", bullets([roffProse(".a")]), [".IP \\(bu 2", "\\&.a"]],
    [
      "lines shown as they are",
      literal([".a", "", "  'b", "$ c \\"]),
      [".PP", ".nf", "\\&.a", "", "  \\(aqb", "$ c \\e", ".fi"],
    ],
    ["lines to type", typed(["x"]), [".PP", ".RS 4", ".nf", "\\fBx\\fR", ".fi", ".RE"]],
  ])("is printed unchanged: %s", (_, block, lines) => {
    expect(block).toEqual(lines);
  });

  it("is never read as a roff request, in any position", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const written of [roffProse(text), code(text)]) {
          expect(requestsIn(paragraph(written))).toEqual([".PP"]);
          expect(requestsIn(tagged([[written, written]]))).toEqual([".TP"]);
          expect(requestsIn(bullets([written, written]))).toEqual([".IP \\(bu 2", ".IP \\(bu 2"]);
        }
        const lines = text.split("\n");
        expect(requestsIn(literal(lines))).toEqual([".PP", ".nf", ".fi"]);
        expect(requestsIn(typed(lines))).toEqual([".PP", ".RS 4", ".nf", ".fi", ".RE"]);
        const section = { title: text, blocks: [paragraph(roffProse(text))] };
        const edition = { version: text, date: text };
        const page = roffPage({ name: text, section: 1, edition, sections: [section] })
          .trimEnd()
          .split("\n");
        expect(page).toHaveLength(8);
        expect(requestsIn(page)).toHaveLength(7);
      }),
    );
  });

  it("is read back exactly", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(unroff(code(text))).toBe(shown(text));
        expect(unroff(roffProse(text)).replaceAll("`", "")).toBe(shown(text).replaceAll("`", ""));
        expect(roffProse(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});

/** Pages with the text in every place. */
function pagesWith(text: string): string[] {
  const edition = { version: "1.2.3", date: "2026-03-03" };
  const row = [text, text] as const;
  const blocks = [
    text,
    { list: [text] },
    { rows: [row] },
    { commands: [row] },
    { commands: [text] },
    { lines: text },
  ];
  const topic = { about: blocks, sections: [{ title: text, blocks }], see: [] };
  const declaration = {
    effect: "reads" as const,
    arguments: { one: { name: text, about: text, isRequired: true, isVariadic: true } },
    flags: { dryRun: { valueName: text, about: text, read: () => undefined } },
    help: { about: text, use: text, notes: text, inPipe: text, exitCodes: { 1: text }, examples: [text] },
    run: async () => {},
  };
  const node = { name: "runs", summary: text, alias: text };
  return [
    topicPage({ name: "tasks", summary: text }, topic, edition),
    commandPage({ nodes: [node], declaration, topics: [], frozen: [[text, text]] }, edition),
  ];
}

describe.skipIf(!isThere("mandoc"))("mandoc, if installed", () => {
  it("finds no mistake in a page of text that looks like roff", () => {
    const texts = fc.sample(hostile, 20).filter((text) => shown(text) !== "");
    for (const page of texts.flatMap(pagesWith)) {
      const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "error"], {
        input: page,
        encoding: "utf8",
      });
      expect(stdout).toBe("");
    }
  });

  it("shows text that looks like roff unchanged", () => {
    const text = ".SH \\fBx\\fR 'y' \"z\" `--a-b ^~ \\& -- …";
    const [page] = pagesWith(text);
    const { stdout } = spawnSync("mandoc", ["-T", "utf8", "-O", "width=200"], {
      input: page,
      encoding: "utf8",
    });
    const lines = stdout
      .replaceAll(/.\u0008/g, "")
      .split("\n")
      .map((line) => line.trim());
    expect(lines.filter((line) => line === text).length).toBeGreaterThan(6);
  });
});
